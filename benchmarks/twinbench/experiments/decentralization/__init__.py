"""Who can go ahead alone: pace, dependencies and data of each capability, and what that costs."""
