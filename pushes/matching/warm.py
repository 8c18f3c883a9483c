"""Compile the engine into its cache, so that no later process waits for it.

    python -m pushes.matching.warm

Takes tens of seconds the first time after a change of the compiled files, then under two.
``python -m pushes.matching compile`` adds the loops of product pairs.
"""

from pushes.matching.engine import Engine
from pushes.matching.registry import Registry
from pushes.matching.types import Brand, Listing, ProductModel


def main() -> None:
    """Go through every compiled function once: names in two scripts, plain, bent and absent."""
    model = ProductModel(id="model", name="Runner Classic", model_number="RC-2040")
    brands = (
        Brand(id="latin", name="Velmora", aliases=("Velmora Sport",), product_models=(model,)),
        Brand(id="han", name="维尔莫拉"),
    )
    engine = Engine(Registry(brands))
    titles = (
        "Velmora runner RC-2040",
        "V3lm0ra v*lmora velmoar",
        "同款维尔莫拉运动鞋",
        "a plain shoe",
    )
    listings = [Listing(id=str(number), title=title) for number, title in enumerate(titles)]
    engine.scan(listings)
    engine.with_delta((Brand(id="delta", name="Orbexa"),), frozenset()).scan(listings)


if __name__ == "__main__":
    main()
