"""Alembic scripts, inside the package."""
