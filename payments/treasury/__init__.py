"""Where what was collected belongs: shares of the treasuries, what was handed on, and seals of the books."""
