"""One module per claim: plan, trials, rows. No statistics, no drawing."""
