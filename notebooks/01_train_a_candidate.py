# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Train a candidate
#
# From labelled contacts to a candidate model with its card, and what it does on contacts it has not seen. Everything here is one
# call each into `triage_training`; nothing here changes which model is in use: that is an analyst's act (`triage models promote`).
# Set `TRIAGE_NOTEBOOK_CONTACTS` to read only so many contacts, for a quick look.

# %%
import os
import tempfile
from pathlib import Path

from triage_models.registry import Registry, load_champion
from triage_training import train_candidate
from triage_training.examples import read_base
from triage_training.split import frozen_split

root = next(folder for folder in (Path.cwd(), *Path.cwd().parents) if (folder / "training" / "housing").is_dir())
base = root / "training" / "housing" / "messages.jsonl"
workplace = Path(tempfile.mkdtemp())
limit = int(os.environ.get("TRIAGE_NOTEBOOK_CONTACTS", "0"))
if limit:
    lines = base.read_text(encoding="utf-8").splitlines()
    base = workplace / "messages.jsonl"
    base.write_text("\n".join(lines[:: max(1, len(lines) // limit)]) + "\n", encoding="utf-8")

# %% [markdown]
# ## What there is to learn from
# The frozen part is a rule, not a file: it never changes, and contrast pairs are never parted.

# %%
examples = read_base(base)
training, frozen = frozen_split(examples)
print(
    f"{len(examples)} contacts by {len({e.origin for e in examples})} writers: {len(training)} to train on, {len(frozen)} frozen"
)

# %% [markdown]
# ## Train
# Reviewers' decisions are added with `decisions=Path(...)`; `triage train` exports and passes them. The model in use is
# measured on the same frozen contacts; where it was itself trained on them, the report says so.

# %%
report = train_candidate(decisions=None, base=base, models_root=workplace / "models", champion=load_champion(None))
print("\n".join(report.lines()))

# %% [markdown]
# ## The card
# It goes with the model wherever it goes.

# %%
print((report.path / "card.md").read_text(encoding="utf-8"))

# %% [markdown]
# ## Listed, not in use

# %%
registry = Registry(workplace / "models")
print([(candidate.name, candidate.version, candidate.problem) for candidate in registry.candidates()])
print("in use:", registry.champion().version)
