"""What stands first in a model where it is more than scaling."""
