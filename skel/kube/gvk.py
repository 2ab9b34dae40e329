"""Group, version and kind as one text, as traces write it: `apps/v1.Deployment`, and `v1.Pod` for the core group."""

from __future__ import annotations


def gvk(api_version: str, kind: str) -> str:
    """`apps/v1` and `Deployment` as `apps/v1.Deployment`."""
    return f"{api_version}.{kind}"


def split_gvk(text: str) -> tuple[str, str]:
    """Give apiVersion and kind. A kind has no dot, a group may have many; a text without dot is a kind alone."""
    api_version, _, kind = text.rpartition(".")
    return api_version, kind


def group_of(api_version: str) -> str:
    """The group of an apiVersion, empty for the core group: `apps` of `apps/v1`, "" of `v1`."""
    group, slash, _ = api_version.rpartition("/")
    return group if slash else ""
