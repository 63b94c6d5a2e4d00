"""Which category a product of somebody else's catalogue belongs to, by the words of its name."""

import re

OTHER = "gifts"
# In this order: a LUNCH BAG is a bag although it is for lunch, a CANDLE HOLDER is lighting.
_WORDS = {
    "bags": "bag backpack basket hamper handbag purse rucksack satchel shopper tote wallet",
    "lighting": "candle candelabra candlestick chandelier lamp lantern light lights nightlight t-light torch",
    "stationery": "album book card calendar chalk chalkboard crayon envelope eraser journal notebook notepad paper "
    "pen pencil ribbon ruler stamp sticker tape tissue wrap wrapping",
    "kitchen": "apron baking bottle bowl cake cakestand chopsticks coaster coffee colander cup cutlery dish doily "
    "flask fork glass jam jar jug knife lunch mug napkin oven pantry placemat plate popcorn recipe saucer snack spoon "
    "straw tea teapot tin tray",
    "garden": "bird bulb butterfly doormat flower garden gardener gardening gnome grow hammock herb pot parasol plant "
    "planter seed trowel watering windmill",
    "jewellery": "bangle bead bracelet brooch charm diamante earring hairclip jewel jewellery keyring necklace "
    "pendant ring scarf tiara",
    "toys": "ball balloon doll domino duck dinosaur farm game jigsaw jumping kids ludo marble playing puppet puzzle "
    "rocket skipping soft soldier spinning teddy toy",
    "seasonal": "advent angel bauble bunny christmas decoration easter egg garland halloween party bunting pinata "
    "reindeer santa snowflake star tinsel tree valentine wreath xmas",
    "home": "bathroom bell blackboard box cabinet chair chest clock cushion door drawer frame hanger hanging heart "
    "holder hook magnet mirror ornament peg photo picture pillow quilt rack shelf sign stand stool storage table "
    "throw towel vase wall",
}
_CATEGORY_OF = {word: category for category, words in reversed(_WORDS.items()) for word in words.split()}
_RANK = {category: rank for rank, category in enumerate(_WORDS)}
CATEGORIES = (*_WORDS, OTHER)


def category_of(name: str) -> str:
    """The first category of the list that a word of `name`, or its singular, belongs to; else `gifts`."""
    found = {_CATEGORY_OF.get(each) for word in re.findall(r"[\w-]+", name.lower()) for each in _forms(word)}
    return min((each for each in found if each), key=_RANK.__getitem__, default=OTHER)


def _forms(word: str) -> tuple[str, ...]:
    return word, word.removesuffix("s"), word.removesuffix("es")
