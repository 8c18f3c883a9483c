"""Harbour Market (simulated): a small stand-in marketplace.

It is a *client* of the portal, over HTTP and nothing else, as a real marketplace would be. It posts
listings, serves their pictures and carries out signed orders. Start it with ``python -m demo``.
"""
