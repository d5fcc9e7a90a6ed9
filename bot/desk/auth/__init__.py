"""Signs staff in and says who may do what."""
