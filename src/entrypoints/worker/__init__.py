"""What runs beside the doors: the driver of a runner, the tick, and their start and stop."""
