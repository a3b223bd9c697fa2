"""What a person holds: faces, detections, states of jobs, credits."""
