"""What it costs: `make bench` measures and prints, the suite runs each measurement once, small."""
