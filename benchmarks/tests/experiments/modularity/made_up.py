"""A change request of the tests' own, made of new files alone, so that it fits whatever code."""

from pathlib import Path

REQUEST = """
title = "Greet whoever asks for a card"
story = "The acquirer says hello."

[monolith]
capabilities = ["catalog"]
project = "acquirer"
test = ["tests/test_greeting.py::test_it_greets"]

[microservices]
capabilities = ["catalog"]
project = "acquirer"
test = "tests/test_greeting.py"
releases = ["catalog", "cart"]
"""
CODE = 'def greeting() -> str:\n    return "hello"\n'
TEST = (
    "from acquirer.greeting import greeting\n\n\n"
    'def test_it_greets() -> None:\n    assert greeting() == "hello"\n'
)
FILES = {
    "monolith": {
        "acquirer/acquirer/greeting.py": CODE,
        "acquirer/tests/test_greeting.py": TEST,
        "monolith/shop/catalog/greeting.py": CODE,
        "monolith/shop/platform/greeting.py": CODE,
    },
    "microservices": {
        "acquirer/acquirer/greeting.py": CODE,
        "acquirer/tests/test_greeting.py": TEST,
        "microservices/catalog/catalog/greeting.py": CODE,
        "microservices/cart/migrations/versions/9999_greeting.py": CODE,
        "microservices/cart/tests/test_greeting.py": TEST,
        "microservices/modulith/modulith/greeting.py": CODE,
    },
}


def write_request(folder: Path) -> Path:
    """The request in a folder of its own under this one."""
    own = folder / "01-greeting"
    own.mkdir(parents=True)
    (own / "request.toml").write_text(REQUEST)
    for build, files in FILES.items():
        text = "".join(new_file(name, content) for name, content in files.items())
        (own / f"{build}.patch").write_text(text)
    return own


def new_file(name: str, content: str) -> str:
    lines = content.splitlines()
    added = "".join(f"+{line}\n" for line in lines)
    return (
        f"diff --git a/{name} b/{name}\nnew file mode 100644\n--- /dev/null\n+++ b/{name}\n"
        f"@@ -0,0 +1,{len(lines)} @@\n{added}"
    )


def edited(name: str, old: str, new: str) -> str:
    """Of the first line of a file."""
    return (
        f"diff --git a/{name} b/{name}\n--- a/{name}\n+++ b/{name}\n@@ -1 +1 @@\n-{old}\n+{new}\n"
    )
