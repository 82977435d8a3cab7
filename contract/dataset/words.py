"""The vocabulary that names, descriptions and people are drawn from."""

from typing import Final

CATEGORIES: Final[dict[str, tuple[str, tuple[str, ...], int]]] = {
    # slug: (name, nouns, median price in cents)
    "audio": ("Audio", ("Headphones", "Speaker", "Turntable", "Microphone", "Amplifier"), 8900),
    "bags": ("Bags", ("Backpack", "Tote", "Satchel", "Suitcase", "Messenger Bag"), 5900),
    "bath": ("Bath", ("Towel", "Bath Mat", "Soap Dish", "Robe", "Shower Curtain"), 2400),
    "bedding": ("Bedding", ("Pillow", "Duvet", "Sheet Set", "Blanket", "Mattress Topper"), 6400),
    "books": ("Books", ("Novel", "Atlas", "Cookbook", "Anthology", "Field Guide"), 1800),
    "cameras": ("Cameras", ("Camera", "Lens", "Tripod", "Flash", "Light Meter"), 32900),
    "cycling": ("Cycling", ("Helmet", "Saddle", "Bicycle Light", "Pannier", "Lock"), 4900),
    "footwear": ("Footwear", ("Sneaker", "Boot", "Sandal", "Loafer", "Slipper"), 7900),
    "furniture": ("Furniture", ("Chair", "Desk", "Bookshelf", "Stool", "Side Table"), 18900),
    "games": ("Games", ("Board Game", "Puzzle", "Card Game", "Chess Set", "Dice Tower"), 2900),
    "garden": ("Garden", ("Trowel", "Planter", "Watering Can", "Rake", "Pruner"), 2600),
    "jewellery": ("Jewellery", ("Ring", "Necklace", "Bracelet", "Earrings", "Brooch"), 12900),
    "kitchen": ("Kitchen", ("Skillet", "Kettle", "Knife", "Mixing Bowl", "Grinder"), 4400),
    "lighting": ("Lighting", ("Lamp", "Lantern", "Pendant", "Floor Lamp", "Night Light"), 5400),
    "outdoor": ("Outdoor", ("Tent", "Sleeping Bag", "Stove", "Hammock", "Water Filter"), 9900),
    "pets": ("Pets", ("Dog Bed", "Leash", "Cat Tree", "Feeder", "Carrier"), 3200),
    "stationery": ("Stationery", ("Notebook", "Fountain Pen", "Planner", "Ink", "Stapler"), 1500),
    "tools": ("Tools", ("Hammer", "Drill", "Wrench", "Level", "Hand Saw"), 5200),
    "toys": ("Toys", ("Train Set", "Kite", "Building Blocks", "Doll House", "Yo-Yo"), 2700),
    "watches": ("Watches", ("Watch", "Chronograph", "Pocket Watch", "Strap", "Winder"), 14900),
}

ADJECTIVES: Final = (
    "Compact", "Classic", "Modern", "Rugged", "Elegant", "Lightweight", "Vintage", "Folding",
    "Handmade", "Premium", "Everyday", "Nordic", "Alpine", "Urban", "Coastal", "Quiet",
    "Bold", "Slim", "Heavy-Duty", "Travel",
)  # fmt: skip
MATERIALS: Final = (
    "Oak", "Walnut", "Steel", "Copper", "Leather", "Canvas", "Linen", "Wool", "Ceramic", "Glass",
    "Bamboo", "Titanium", "Cotton", "Cork", "Brass", "Aluminium", "Silk", "Marble", "Felt", "Ash",
)  # fmt: skip
BENEFITS: Final = (
    "keeps its shape for years", "is easy to clean", "packs down small", "feels right in the hand",
    "ages beautifully", "stands up to daily use", "works in any weather", "is repairable at home",
    "needs no batteries", "comes ready to use", "is gentle on sensitive skin", "weighs very little",
)  # fmt: skip
AUDIENCES: Final = (
    "beginners", "professionals", "families", "students", "collectors", "travellers",
    "small apartments", "long weekends", "gift givers", "night owls",
)  # fmt: skip
TAGS: Final = (
    "bestseller", "eco", "gift", "limited", "local", "minimal", "new-season", "organic",
    "outlet", "recycled", "refurbished", "retro", "sale", "smart", "staff-pick", "summer",
    "sustainable", "vegan", "waterproof", "winter", "wireless", "workshop", "xl", "kids",
)  # fmt: skip
GIVEN_NAMES: Final = (
    "Ada", "Alan", "Barbara", "Chandra", "Dorothy", "Edsger", "Frances", "Grace", "Hedy", "Ivan",
    "Jean", "Katherine", "Linus", "Margaret", "Niklaus", "Olga", "Peter", "Radia", "Sophie", "Tim",
)  # fmt: skip
FAMILY_NAMES: Final = (
    "Allen", "Bartik", "Clarke", "Dijkstra", "Easley", "Floyd", "Goldberg", "Hopper", "Iverson",
    "Johnson", "Knuth", "Lamport", "Moore", "Naur", "Ousterhout", "Perlman", "Ritchie", "Spärck",
    "Turing", "Wilson",
)  # fmt: skip
