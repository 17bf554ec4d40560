"""Formulas of a timsTOF against numbers worked out by hand, against the vendor's library, and there and back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from organokine.kernels.tims_calibration import (
    MobilityCalibration,
    MzCalibration,
    linear_deviation,
    mz_of_tof,
    one_over_k0,
    scan_of_one_over_k0,
    temperature_factor,
    tof_of_mz,
)

# One row of a real instrument, as the unit tests of mzdata (mobiusklein, Apache-2.0) give it; its range is 0.64 to 1.45.
RAMP = MobilityCalibration(
    model=2, c0=1.0, c1=708.0, c2=241.751905250524, c3=99.2437539638487, c4=33.9622641509434,
    c6=0.0071422641733084, c7=164.998795925213, c8=16.3705403907576, c9=2553.11607142569,
)  # fmt: skip
FLIGHT = MzCalibration(
    model=1, timebase=0.125, delay=25741.0, t1=20.9410989491122, t2=24.8706161298104, dc1=20.0, dc2=0.0,
    c0=286.065160463331, c1=154317.348188993, c2=0.0, c3=0.0, c4=0.0,
)  # fmt: skip
# What the vendor's library gives for a ddaPASEF file, as recorded by tdfpy (tacular-omics) before it did without it.
VENDOR_SCANS = [0, 1, 30, 152, 274, 415, 549, 671]
VENDOR_VOLTAGES = [215.31266546335655, 215.0909893300803, 208.66238146506927, 181.61789320536775, 154.57340494566625,
                   123.31707015371613, 93.61246829469971, 66.56798003499819]  # fmt: skip
VENDOR_MOBILITIES = [1.5836554224087214, 1.5820791039775377, 1.536318889903381, 1.3428104226426687, 1.1476708538449751,
                     0.9200816215470268, 0.7017166771235243, 0.5011241506799109]  # fmt: skip
VENDOR_TOFS = [0, 1, 14200, 54471, 142000, 227200, 326600, 397600]
VENDOR_MZ = [94.88261830114895, 94.88416422779896, 118.10439280737947, 197.77387687431346, 441.37351153386714, 771.158851727287,
             1271.4499352334092, 1704.9815157713924]  # fmt: skip
VENDOR_MZ_WARMER = [94.88261717343852, 94.88416310007472, 118.10439140367498, 197.77387452370985, 441.37350628799766,
                    771.1588425618068, 1271.449920121805, 1704.9814955071092]  # fmt: skip

ramps = st.builds(
    MobilityCalibration,
    model=st.just(2), c0=st.floats(0, 2), c1=st.floats(300, 1800), c2=st.floats(180, 360), c3=st.floats(60, 150),
    c4=st.floats(0, 40), c6=st.floats(-0.01, 0.03), c7=st.floats(120, 180), c8=st.just(10.0), c9=st.just(2500.0),
)  # fmt: skip
flights = st.builds(
    MzCalibration,
    model=st.sampled_from([1, 2]), timebase=st.sampled_from([0.125, 0.2]), delay=st.floats(20_000, 27_000), t1=st.floats(18, 30),
    t2=st.floats(18, 30), dc1=st.floats(0, 80), dc2=st.floats(-10, 10), c0=st.floats(200, 1100), c1=st.floats(1.4e5, 1.6e5),
    c2=st.floats(-0.01, 0.01), c3=st.floats(-1e-4, 1e-4), c4=st.floats(-0.05, 0.05),
)  # fmt: skip


def test_mobility_worked_out_by_hand():
    round_numbers = MobilityCalibration(2, 1, 100, 210, 110, 9, 0.01, 160, 50, 205)
    # scan 60: V = 210 - (60 - 9 - 1) = 160, so 1/(0.01 + 160/160)
    assert one_over_k0(np.array(60), round_numbers) == pytest.approx(1 / 1.01, rel=1e-15)
    # scans 10 and 0 would be at 210 V and 220 V, beyond the 205 V up to which the curve holds
    assert one_over_k0(np.array([0, 10]), round_numbers).tolist() == pytest.approx(
        [1 / (0.01 + 160 / 205)] * 2, rel=1e-15
    )
    assert one_over_k0(np.array(500), round_numbers) == pytest.approx(1 / (0.01 + 160 / 50), rel=1e-15)


def test_mass_worked_out_by_hand():
    # 100 ns a step, b = sqrt(1e12/1e8) = 100: t = 50 + 100 s + 2 s^2 + 0.5 s^3 is 50 + 2000 + 800 + 4000 at s = 20
    cubic = MzCalibration(1, 100.0, 50.0, 25.0, 25.0, 0.0, 0.0, 50.0, 1e8, 2.0, 0.5, 0.25)
    assert mz_of_tof(np.array(68.0), cubic, 25.0, 25.0) == pytest.approx(400 - 0.25, rel=1e-14)
    # model 2: 50 + 2000 + 800, and nothing taken from s^2
    assert mz_of_tof(np.array(28.0), cubic._replace(model=2), 25.0, 25.0) == pytest.approx(400, rel=1e-14)
    # 1 degree colder and 10 ppm per degree in the first, 2 degrees warmer and 3 ppm in the second: k = 1 + 10e-6 - 6e-6
    drifting = cubic._replace(dc1=10.0, dc2=3.0, c2=0.0, c3=0.0, c4=0.0)
    assert temperature_factor(drifting, 24.0, 27.0) == pytest.approx(1 + 4e-6, rel=1e-15)
    assert mz_of_tof(np.array(20.0), drifting, 24.0, 27.0) == pytest.approx(400 * (1 + 4e-6), rel=1e-13)


def test_mobility_agrees_with_the_vendors_library():
    """Two of its values fix c6 and c7, and the ends of the ramp its voltages; the others follow to nine digits."""
    volts, mobilities = np.array(VENDOR_VOLTAGES), np.array(VENDOR_MOBILITIES)
    c7 = (1 / mobilities[-1] - 1 / mobilities[0]) / (1 / volts[-1] - 1 / volts[0])
    row = MobilityCalibration(2, 0, 671, volts[0], volts[-1], 0, 1 / mobilities[0] - c7 / volts[0], c7, 10, 2500)
    assert one_over_k0(np.array(VENDOR_SCANS), row) == pytest.approx(mobilities, rel=1e-9)
    assert scan_of_one_over_k0(mobilities, row) == pytest.approx(np.array(VENDOR_SCANS), abs=1e-6)
    # and the line that other readers draw does not
    assert np.abs(linear_deviation(672, row)).max() > 0.005


def test_mass_agrees_with_the_vendors_library():
    """Three of its values fix the flight (a constant, b and c2); the others, and those of a warmer frame, follow."""
    fixed = [0, 4, 7]
    roots = np.sqrt(np.array(VENDOR_MZ))
    times = np.array(VENDOR_TOFS) * 0.2
    design = np.column_stack([np.ones(3), roots[fixed], roots[fixed] ** 2])
    start, linear, square = np.linalg.solve(design, times[fixed])
    row = MzCalibration(1, 0.2, 0.0, 25.0, 25.0, 20.0, 0.0, start, 1e12 / linear**2, square, 0.0, 0.0)
    assert mz_of_tof(np.array(VENDOR_TOFS), row, 25.0, 25.0) == pytest.approx(np.array(VENDOR_MZ), rel=2e-9)
    # the warmer frame differs by one factor, which one of its masses tells
    degrees = (1 - VENDOR_MZ_WARMER[0] / VENDOR_MZ[0]) / 20e-6
    assert mz_of_tof(np.array(VENDOR_TOFS), row, 25.0 + degrees, 25.0) == pytest.approx(
        np.array(VENDOR_MZ_WARMER), rel=2e-9
    )


def test_a_real_row_gives_the_range_the_file_states():
    # The row is quoted without its c2, which moves these by some ppm.
    assert mz_of_tof(np.array(0), FLIGHT, 20.9455139021767, 25.0) == pytest.approx(99.990834, abs=1e-3)
    assert mz_of_tof(np.array(636029), FLIGHT, 20.9455139021767, 25.0) == pytest.approx(1700.005, abs=1e-3)
    assert one_over_k0(np.array([1, 708]), RAMP).tolist() == pytest.approx([1.45, 0.64], abs=0.05)


@given(ramps, st.floats(0, 1))
def test_scans_come_back(ramp, share):
    scan = share * ramp.c1
    assert scan_of_one_over_k0(one_over_k0(np.array(scan), ramp), ramp) == pytest.approx(scan, abs=1e-6)


@given(flights, st.floats(0, 600_000), st.floats(15, 35), st.floats(15, 35))
def test_times_of_flight_come_back(flight, tof, t1, t2):
    there = mz_of_tof(np.array(tof), flight, t1, t2)
    assert there > 0
    assert tof_of_mz(there, flight, t1, t2) == pytest.approx(tof, abs=1e-4)


@given(ramps)
def test_mobility_falls_with_the_scan(ramp):
    assert (np.diff(one_over_k0(np.arange(int(ramp.c1)), ramp)) < 0).all()


@given(flights, st.floats(15, 35))
def test_mass_rises_with_the_time(flight, t1):
    assert (np.diff(mz_of_tof(np.arange(0, 600_000, 997), flight, t1, 25.0)) > 0).all()


def test_beyond_the_ends_the_curve_is_level_and_has_no_inverse():
    level = RAMP._replace(c8=120.0, c9=200.0)
    ends = one_over_k0(np.array([-1e4, 1e4]), level)
    assert ends.tolist() == [1 / (RAMP.c6 + RAMP.c7 / 200), 1 / (RAMP.c6 + RAMP.c7 / 120)]
    assert one_over_k0(np.array([0.0, 1.0]), level)[0] == ends[0]
    there = scan_of_one_over_k0(np.array([ends[0] * 1.001, ends[0], ends[1], ends[1] * 0.999, np.nan]), level)
    assert np.isnan(there).tolist() == [True, False, False, True, True]
    assert one_over_k0(there[1:3], level) == pytest.approx(ends, rel=1e-12)


def test_the_line_of_other_readers_is_off_in_the_middle():
    deviation = linear_deviation(709, RAMP)
    assert deviation[[0, -1]] == pytest.approx(0, abs=1e-12)
    # V is linear in the scan and 1/K0 = V/(c7 + c6 V): the curve lies above its chord for c6 > 0
    assert (deviation[1:-1] < 0).all()
    assert linear_deviation(709, RAMP, lower=0.6, upper=1.6)[0] == pytest.approx(
        1.6 / one_over_k0(np.array(0), RAMP) - 1
    )


def test_missing_stays_missing_and_a_time_before_any_mass_has_none():
    assert np.isnan(mz_of_tof(np.array([np.nan]), FLIGHT, 21.0, 21.0)).all()
    assert np.isnan(mz_of_tof(np.array([-210_000.0]), FLIGHT, 21.0, 21.0)).all()
    assert np.isnan(mz_of_tof(np.array([5.0]), FLIGHT, np.nan, 21.0)).all()
    assert np.isfinite(mz_of_tof(np.array([5.0]), FLIGHT, 21.0, np.nan)).all()  # dc2 is 0: the second is not asked
    assert np.isnan(one_over_k0(np.array([np.nan]), RAMP)).all()
    assert np.isnan(tof_of_mz(np.array([-1.0]), FLIGHT, 21.0, 21.0)).all()


@pytest.mark.parametrize("model", [0, 1, 3])
def test_an_unknown_mobility_model_is_refused(model):
    for convert in (one_over_k0, scan_of_one_over_k0):
        with pytest.raises(ValueError, match=f"TimsCalibration has the unknown ModelType {model}"):
            convert(np.array([1.0]), RAMP._replace(model=model))


@pytest.mark.parametrize("model", [0, 3])
def test_an_unknown_mass_model_is_refused(model):
    for convert in (mz_of_tof, tof_of_mz):
        with pytest.raises(ValueError, match=f"MzCalibration has the unknown ModelType {model}"):
            convert(np.array([1.0]), FLIGHT._replace(model=model), 20.0, 20.0)
