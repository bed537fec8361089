"""What a family says and reads of itself: who may fetch a child, health, absences, contact details, data kept."""
