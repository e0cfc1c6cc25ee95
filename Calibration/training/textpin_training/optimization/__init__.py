"""Making a network better, step by step: schedule, averages, checkpoints, distillation, the run itself."""
