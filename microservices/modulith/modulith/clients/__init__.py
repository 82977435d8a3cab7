"""What services ask of each other, asked directly.

Each module stands for the clients.py of the service it is named after, and goes in by the door
behind the callee's internal_api: its services and selectors. What internal_api makes of their
outcome, and HttpX of that answer, is one step here; tests hold the two ways equal.
"""
