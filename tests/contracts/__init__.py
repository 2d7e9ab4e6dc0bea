"""What every implementation of a port must do: one suite each, collected where there is something to try it on."""
