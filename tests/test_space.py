"""The search space as KerasTuner sees it, and trials as settings of a model."""

import pytest

from fashion.params import Model, Params
from fashion.search import make_oracle
from fashion.space import SpaceError, apply, choose, declare


@pytest.fixture
def tune(committed_params: Params):
    return committed_params.tune


@pytest.fixture
def base(committed_params: Params):
    return next(m for m in committed_params.models.values() if m.network.kind == "cnn")


def drawn(tune, count=40):
    oracle = make_oracle(tune)
    return [oracle._random_values() for _ in range(count)]


def test_every_draw_is_a_model_within_the_space(tune, base):
    space = tune.space
    for values in drawn(tune):
        model = apply(base, choose(space, values), epochs=3)
        network = model.network
        assert len(network.filters) in space.network.depth
        assert all(w in s for w, s in zip(network.filters, space.network.filters, strict=False))
        assert network.kernel_size in space.network.kernel_size
        assert space.network.dropout.low <= network.dropout <= space.network.dropout.high
        assert model.augment.shift in space.augment.shift
        candidate = next(
            c for c in space.fit.optimizers if c.optimizer.kind == model.fit.optimizer.kind
        )
        assert model.fit.optimizer == candidate.optimizer
        assert candidate.learning_rate.low <= model.fit.learning_rate
        assert model.fit.learning_rate <= candidate.learning_rate.high
        assert model.fit.epochs == 3
        assert model.fit.batch_size == base.fit.batch_size


def test_draws_cover_the_space(tune):
    values = drawn(tune)
    assert {v["depth"] for v in values} == set(tune.space.network.depth)
    assert {v["optimizer"] for v in values} == {c.optimizer.kind for c in tune.space.fit.optimizers}
    assert {v["decay"] for v in values} == set(tune.space.fit.decay)


def test_only_what_has_a_meaning_is_drawn(tune):
    for values in drawn(tune):
        rates = [name for name in values if name.startswith("learning_rate.")]
        assert rates == [f"learning_rate.{values['optimizer']}"]
        assert sum(name.startswith("filters") for name in values) == values["depth"]


def test_searches_of_nearby_seeds_draw_different_values(tune):
    """KerasTuner's own seeds 1 and 2 draw the same after some trials."""
    streams = [drawn(tune.model_copy(update={"seed": seed})) for seed in (0, 1)]
    assert not [values for values in streams[0] if values in streams[1]]


def test_equal_seeds_draw_equal_values(tune):
    assert drawn(tune, 5) == drawn(tune, 5)


def test_a_network_of_another_kind_is_refused(tune, committed_params):
    mlp = next(m for m in committed_params.models.values() if m.network.kind != "cnn")
    with pytest.raises(SpaceError, match="kind cnn"):
        apply(mlp, {}, epochs=1)


def test_names_of_hyperparameters_are_unique(tune):
    names = [parameter.name for parameter in declare(tune.space).space]
    assert len(set(names)) == len(names)


def test_chosen_settings_are_plain_data_for_the_params_file(tune, base):
    chosen = choose(tune.space, drawn(tune, 1)[0])
    assert isinstance(chosen["augment"]["flip"], bool)
    whole = base.model_dump()
    for section, values in chosen.items():
        assert values.keys() <= whole[section].keys()
        whole[section] |= values
    Model.model_validate(whole)
