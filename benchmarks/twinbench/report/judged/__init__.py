"""What a run says of one claim, in words: a module for each experiment that decides one."""
