"""What each feature means, in the order of the columns."""

__all__ = ["EARLY_NS", "FEATURES", "HIGH_VEM_PEAK", "LATE_NS", "NOISE_VEM_PEAK", "TRIGGER_VEM_PEAK"]

NOISE_VEM_PEAK = 0.05  # samples below are noise to whatever describes the shape
TRIGGER_VEM_PEAK = 0.2  # threshold of Auger's time-over-threshold trigger
HIGH_VEM_PEAK = 0.5  # what peaks and jumps must exceed
EARLY_NS, LATE_NS = 300.0, 1000.0

BERTOU = "Bertou et al., doi:10.1016/j.nima.2006.07.066"
RISE = "Auger, doi:10.1103/PhysRevD.96.122003"
TRIGGER = "Auger, doi:10.1016/j.nima.2009.11.018"
JUMPS = "after Auger's methods to count muons, see doi:10.1051/epjconf/20135207003"
TANK = "after González et al., arXiv:2101.11924"
SHAPE = "after Auger's shape parameter, doi:10.1088/0004-637X/789/2/160"
MOMENT = "moment of the charge over time, as in any textbook of statistics"

# The station's trace is the mean over its working PMTs; "start" is its first sample above 0.05 VEM peak. Shape features
# (times, moments, counts, early and late) see only samples above 0.05 VEM peak.
FEATURES: dict[str, str] = {
    "charge_vem_peak_ns": f"Area of the station's trace, in VEM peak times ns ({BERTOU}).",
    "peak_vem_peak": f"Highest sample of the station's trace, in VEM peak ({BERTOU}).",
    "area_over_peak_ns": f"Area over highest sample of the station's trace, in ns; a muon has about 80 ({BERTOU}).",
    "rise_time_ns": f"Time from 10 to 50 % of the running charge of the station, interpolated within bins ({RISE}).",
    "fall_time_ns": f"Time from 50 to 90 % of the running charge of the station, interpolated within bins ({RISE}).",
    "half_time_ns": f"Time from the start to 50 % of the running charge of the station ({RISE}).",
    "peak_time_ns": f"Time from the start to the middle of the highest bin of the station ({TANK}).",
    "time_over_threshold_ns": f"Time that the station's trace is above 0.2 VEM peak ({TRIGGER}).",
    "centroid_ns": f"Mean time of the charge of the station after its start ({MOMENT}).",
    "width_ns": f"Standard deviation of the time of the charge of the station ({MOMENT}).",
    "skewness": f"Third standardised {MOMENT}: positive with a late tail.",
    "kurtosis": f"Fourth standardised {MOMENT}, minus 3: positive with heavy tails.",
    "n_peaks": f"Number of local maxima of the station's trace above 0.5 VEM peak ({JUMPS}).",
    "n_jumps": f"Number of increases by more than 0.5 VEM peak from one bin to the next, typical of muons ({JUMPS}).",
    "jump_sum_vem_peak": f"Sum of the increases by more than 0.5 VEM peak from one bin to the next ({JUMPS}).",
    "largest_jump_vem_peak": f"Largest increase of the station's trace from one bin to the next ({JUMPS}).",
    "early_fraction": f"Share of charge within 300 ns of the start (a fifth of traces below 1.5 µs) ({SHAPE}).",
    "late_fraction": f"Share of charge more than 1 µs after the start (a third of traces below 3 µs) ({SHAPE}).",
    "charge_largest_pmt": f"Largest area among the working PMTs, in VEM peak times ns ({TANK}).",
    "charge_middle_pmt": f"Median area of the working PMTs, in VEM peak times ns ({TANK}).",
    "charge_smallest_pmt": f"Smallest area among the working PMTs, in VEM peak times ns ({TANK}).",
    "peak_largest_pmt": f"Largest of the working PMTs' highest samples, in VEM peak ({TANK}).",
    "peak_middle_pmt": f"Median of the working PMTs' highest samples, in VEM peak ({TANK}).",
    "peak_smallest_pmt": f"Smallest of the working PMTs' highest samples, in VEM peak ({TANK}).",
    "area_over_peak_largest_pmt": f"Largest area over peak among the working PMTs, in ns ({BERTOU}).",
    "area_over_peak_middle_pmt": f"Median area over peak of the working PMTs, in ns ({BERTOU}).",
    "area_over_peak_smallest_pmt": f"Smallest area over peak among the working PMTs, in ns ({BERTOU}).",
    "rise_time_largest_pmt": f"Largest time from 10 to 50 % of the charge among the working PMTs, in ns ({RISE}).",
    "rise_time_middle_pmt": f"Median time from 10 to 50 % of the charge of the working PMTs, in ns ({RISE}).",
    "rise_time_smallest_pmt": f"Smallest time from 10 to 50 % of the charge among the working PMTs, in ns ({RISE}).",
    "fall_time_largest_pmt": f"Largest time from 50 to 90 % of the charge among the working PMTs, in ns ({RISE}).",
    "fall_time_middle_pmt": f"Median time from 50 to 90 % of the charge of the working PMTs, in ns ({RISE}).",
    "fall_time_smallest_pmt": f"Smallest time from 50 to 90 % of the charge among the working PMTs, in ns ({RISE}).",
    "charge_fraction_largest_pmt": f"Share of the PMT with the most charge in the sum of all ({TANK}).",
    "charge_fraction_smallest_pmt": f"Share of the PMT with the least charge in the sum of all ({TANK}).",
    "charge_asymmetry": f"Largest minus smallest charge over their sum, among the working PMTs ({TANK}).",
    "charge_spread": f"Standard deviation over mean of the charges of the working PMTs ({TANK}).",
    "peak_asymmetry": f"Largest minus smallest peak over their sum, among the working PMTs ({TANK}).",
}
