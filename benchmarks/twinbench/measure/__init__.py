"""Reading what the machine and the components use."""
