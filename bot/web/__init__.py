"""Everything that speaks HTTP to browsers and platforms."""
