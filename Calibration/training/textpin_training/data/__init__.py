"""From labelled pictures and synthetic scenes to batches."""
