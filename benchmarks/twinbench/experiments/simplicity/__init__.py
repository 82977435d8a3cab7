"""What it takes to have an arm: its code, its parts, and how it stands when nobody asks."""
