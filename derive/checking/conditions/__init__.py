"""Under which conditions an equation that is wrong in general is right."""
