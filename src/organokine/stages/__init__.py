"""Stages: pure functions from tables to tables; the pipeline gives them their order."""
