import numpy as np

from vista.layout.pieces import gathered


def scattered(sizes, far, seed=0):
    rng = np.random.default_rng(seed)
    pieces = np.repeat(np.arange(len(sizes)), sizes).astype(np.int32)
    middles = far * rng.normal(size=(len(sizes), 2))
    middles[np.argmax(sizes)] = 0
    return (rng.normal(size=(len(pieces), 2)) * np.sqrt(np.array(sizes)[pieces])[:, None] / 5 + middles[pieces]).astype(np.float32), pieces


def discs(coordinates, pieces):
    groups = [coordinates[pieces == piece] for piece in range(pieces.max() + 1)]
    middles = np.array([group.mean(axis=0) for group in groups])
    return middles, np.array([np.hypot(*(group - middle).T).max() for group, middle in zip(groups, middles, strict=True)])


def test_far_pieces_come_near_and_do_not_overlap():
    coordinates, pieces = scattered([800, 40, 40, 60, 25, 30, 200], far=500)
    found = gathered(coordinates, pieces)
    middles, radii = discs(found, pieces)
    apart = np.hypot(*(middles[:, None] - middles).transpose(2, 0, 1)) - radii[:, None] - radii
    np.fill_diagonal(apart, np.inf)
    assert apart.min() > 0
    assert np.ptp(found, axis=0).max() < 0.2 * np.ptp(coordinates, axis=0).max()


def test_pieces_are_moved_and_not_changed():
    coordinates, pieces = scattered([300, 50, 50], far=200)
    found = gathered(coordinates, pieces)
    for piece in range(3):
        inside = pieces == piece
        np.testing.assert_allclose(np.diff(found[inside], axis=0), np.diff(coordinates[inside], axis=0), atol=1e-3)
    np.testing.assert_array_equal(found[pieces == 0], coordinates[pieces == 0])


def test_pieces_that_touch_stay_where_they_are():
    coordinates, pieces = scattered([300, 200, 50], far=1)
    np.testing.assert_array_equal(gathered(coordinates, pieces), coordinates)


def test_one_piece_stays_where_it_is():
    coordinates, pieces = scattered([30], far=1)
    np.testing.assert_array_equal(gathered(coordinates, pieces), coordinates)
