"""One module for each optional library; none is imported unless you import it."""
