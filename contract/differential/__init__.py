"""One random history for every arm; any difference in what they answer is a defect."""
