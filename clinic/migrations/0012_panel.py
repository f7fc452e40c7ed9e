"""What the panel's screens keep."""

from clinic import migrating


class Migration(migrating.Migration):
    """Generated from the models."""

    dependencies = [("clinic", "0011_segment_indexes")]
    operations = []
