"""What peers.py and roofline.py share: problems, clocks, workers, results and their display."""
