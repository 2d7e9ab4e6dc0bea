"""What things cost here, as ratios side by side in one run. Absolute numbers belong to one machine on one day."""
