"""A channel that nobody needs: ``tests/unit/test_a_new_channel.py`` puts it into a copy of ours."""
