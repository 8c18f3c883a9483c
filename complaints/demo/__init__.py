"""Sample data: simulated organisations with a past, made through the services."""
