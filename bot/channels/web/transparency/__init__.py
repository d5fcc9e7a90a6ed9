"""The public page /transparencia and its open data: what the assistant is, how it does, what is kept."""
