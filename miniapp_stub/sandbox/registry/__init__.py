"""A company registry as a provincial data platform offers it: four elements in, one word out."""
