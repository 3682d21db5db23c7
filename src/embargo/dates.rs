//! When an embargo may end: days held against the policy of vmt.toml, and days to propose (pure).

use std::fmt;

use chrono::{DateTime, Datelike as _, Days, NaiveDate, NaiveTime, Utc, Weekday};

use crate::config::EmbargoPolicy;

/// What is known of an embargo when its end is chosen.
#[derive(Debug, Clone, Copy, Default)]
pub struct Frame {
    /// Day of the report.
    pub received: Option<NaiveDate>,
    /// Day on which downstream is told.
    pub notice: Option<NaiveDate>,
    /// Day on which linux-distros is told, where it is another one.
    pub distros: Option<NaiveDate>,
    /// The moment from which a disclosure can still happen.
    pub now: Option<DateTime<Utc>>,
    /// Whether downstream was told: the day of the notice is no choice any more.
    pub told: bool,
}

/// Why a moment is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Objection {
    /// It is over.
    Past,
    /// It comes before the report.
    BeforeReport(NaiveDate),
    /// The notice comes before the report.
    NoticeBeforeReport {
        /// Day of the notice.
        notice: NaiveDate,
        /// Day of the report.
        received: NaiveDate,
    },
    /// The notice goes out on a day on which few people read it.
    NoticeDay {
        /// Day of the notice.
        notice: NaiveDate,
        /// What is against it.
        why: String,
    },
    /// A Saturday, a Sunday, or a weekday that the policy avoids.
    Weekday(Weekday),
    /// A holiday, by its name.
    Holiday(String),
    /// Another time of the day than the policy's.
    Time {
        /// As proposed.
        found: NaiveTime,
        /// As it should be.
        wanted: NaiveTime,
    },
    /// Too long after the report.
    Late {
        /// Days since then.
        days: i64,
        /// The last day that is possible.
        last: NaiveDate,
    },
    /// Too few business days after the notice.
    ShortNotice {
        /// Business days since then.
        days: u32,
        /// Those needed.
        least: u32,
    },
    /// Too many business days after the notice.
    LongNotice {
        /// Business days since then.
        days: u32,
        /// Those allowed.
        most: u32,
    },
    /// Too long after the notice to linux-distros.
    Distros {
        /// Days since then.
        days: i64,
        /// Those that the list allows.
        most: u32,
        /// The first day on which they may be told.
        from: NaiveDate,
    },
}

impl fmt::Display for Objection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Objection::Past => f.write_str("it is over"),
            Objection::BeforeReport(day) => write!(f, "it comes before the report of {day}"),
            Objection::NoticeBeforeReport { notice, received } => write!(
                f,
                "the notice of {notice} comes before the report of {received}"
            ),
            Objection::NoticeDay { notice, why } => {
                write!(f, "the notice of {notice} goes out on {why}")
            }
            Objection::Weekday(day) => write!(f, "it is a {}", weekday(*day)),
            Objection::Holiday(name) => write!(f, "it is {name}"),
            Objection::Time { found, wanted } => write!(
                f,
                "{} UTC is not {} UTC",
                found.format("%H:%M"),
                wanted.format("%H:%M")
            ),
            Objection::Late { days, last } => write!(
                f,
                "it comes {days} days after the report; the last possible day is {last}"
            ),
            Objection::ShortNotice { days, least } => write!(
                f,
                "{} after the notice; {least} are the least",
                counted(i64::from(*days), "business day")
            ),
            Objection::LongNotice { days, most } => write!(
                f,
                "{} after the notice; {most} are the most",
                counted(i64::from(*days), "business day")
            ),
            Objection::Distros { days, most, from } => write!(
                f,
                "{} after the notice to linux-distros; {most} are the most: tell them on {from} or later",
                counted(*days, "day")
            ),
        }
    }
}

/// `1 day`, `2 days`.
pub fn counted(number: i64, what: &str) -> String {
    match number {
        1 => format!("1 {what}"),
        _ => format!("{number} {what}s"),
    }
}

/// The English name of a weekday.
pub fn weekday(day: Weekday) -> &'static str {
    match day {
        Weekday::Mon => "Monday",
        Weekday::Tue => "Tuesday",
        Weekday::Wed => "Wednesday",
        Weekday::Thu => "Thursday",
        Weekday::Fri => "Friday",
        Weekday::Sat => "Saturday",
        Weekday::Sun => "Sunday",
    }
}

/// A day with the objections to it.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// The moment of the disclosure.
    pub moment: DateTime<Utc>,
    /// Business days after the notice.
    pub business_days: Option<u32>,
    /// Days after the report.
    pub days: Option<i64>,
    /// Why not; empty where the policy allows it.
    pub objections: Vec<Objection>,
}

/// Returns the name of the holiday that a day is.
pub fn holiday(policy: &EmbargoPolicy, day: NaiveDate) -> Option<&str> {
    let mut holidays = policy.holidays.iter();
    let found = holidays.find(|holiday| holiday.is_on(day));
    found.map(|holiday| holiday.name.as_str())
}

/// Returns whether people work on a day.
pub fn is_business_day(policy: &EmbargoPolicy, day: NaiveDate) -> bool {
    !matches!(day.weekday(), Weekday::Sat | Weekday::Sun) && holiday(policy, day).is_none()
}

/// Counts the business days after a day, up to another one that counts itself.
pub fn business_days(policy: &EmbargoPolicy, after: NaiveDate, until: NaiveDate) -> u32 {
    let days = after.iter_days().skip(1).take_while(|day| *day <= until);
    let count = days.filter(|day| is_business_day(policy, *day)).count();
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// Holds a moment against the policy. It counts as the day that it is in UTC, wherever it was written.
pub fn judge(policy: &EmbargoPolicy, frame: &Frame, moment: DateTime<Utc>) -> Candidate {
    let day = moment.date_naive();
    let mut objections = Vec::new();
    if frame.now.is_some_and(|now| moment < now) {
        objections.push(Objection::Past);
    }
    let weekend = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
    if weekend || policy.avoided.contains(&day.weekday()) {
        objections.push(Objection::Weekday(day.weekday()));
    }
    if let Some(name) = holiday(policy, day) {
        objections.push(Objection::Holiday(name.to_owned()));
    }
    if moment.time() != policy.time {
        objections.push(Objection::Time {
            found: moment.time(),
            wanted: policy.time,
        });
    }
    let days = frame.received.map(|received| (day - received).num_days());
    if let (Some(received), Some(days)) = (frame.received, days) {
        if days < 0 {
            objections.push(Objection::BeforeReport(received));
        }
        if days > i64::from(policy.longest_days) {
            let last = later(received, policy.longest_days);
            objections.push(Objection::Late { days, last });
        }
    }
    if let Some(notice) = frame.notice {
        if let Some(received) = frame.received.filter(|received| notice < *received) {
            objections.push(Objection::NoticeBeforeReport { notice, received });
        }
        if !frame.told && !is_business_day(policy, notice) {
            let why = match holiday(policy, notice) {
                Some(name) => name.to_owned(),
                None => format!("a {}", weekday(notice.weekday())),
            };
            objections.push(Objection::NoticeDay { notice, why });
        }
    }
    let since_notice = frame
        .notice
        .map(|notice| business_days(policy, notice, day));
    if let Some(days) = since_notice {
        let (least, most) = policy.notice_days;
        if days < least {
            objections.push(Objection::ShortNotice { days, least });
        }
        if days > most {
            objections.push(Objection::LongNotice { days, most });
        }
    }
    if let Some(told) = frame.distros.or(frame.notice) {
        let (days, most) = ((day - told).num_days(), policy.distros_days);
        if days > i64::from(most) {
            let from = day.checked_sub_days(Days::new(most.into())).unwrap_or(day);
            objections.push(Objection::Distros { days, most, from });
        }
    }
    Candidate {
        moment,
        business_days: since_notice,
        days,
        objections,
    }
}

/// Returns every day on which a disclosure could be thought of, with the objections to it: from the day
/// after the notice to the last that the notice and the report leave.
pub fn candidates(policy: &EmbargoPolicy, frame: &Frame, notice: NaiveDate) -> Vec<Candidate> {
    let frame = Frame {
        notice: Some(notice),
        ..*frame
    };
    let mut found = Vec::new();
    for day in notice.iter_days().skip(1) {
        let candidate = judge(policy, &frame, at(policy, day));
        let long = candidate.business_days > Some(policy.notice_days.1);
        let late = candidate.days > Some(i64::from(policy.longest_days));
        // One day beyond the end shows why it is the end; a rule of whole years ends the search as well.
        let ends = long || late || found.len() > 366;
        found.push(candidate);
        if ends {
            break;
        }
    }
    found
}

/// Returns the first moment after a notice that the policy allows.
pub fn first_allowed(
    policy: &EmbargoPolicy,
    frame: &Frame,
    notice: NaiveDate,
) -> Option<DateTime<Utc>> {
    let found = candidates(policy, frame, notice).into_iter();
    let mut allowed = found.filter(|candidate| candidate.objections.is_empty());
    allowed.next().map(|candidate| candidate.moment)
}

/// Returns the last day on which a disclosure keeps the policy and leaves the longest time for work,
/// with the day of the notice that goes with it: what a new embargo starts with. Neither lies in the past.
pub fn last_allowed(
    policy: &EmbargoPolicy,
    received: NaiveDate,
    now: DateTime<Utc>,
) -> Option<(NaiveDate, DateTime<Utc>)> {
    let last = later(received, policy.longest_days);
    let mut day = last;
    while day > received {
        let this = day;
        day = day.pred_opt()?;
        if let Some(found) = with_notice(policy, received, this, now) {
            return Some(found);
        }
    }
    None
}

/// A notice that gives downstream a week, or what the policy leaves, before a disclosure on a day.
fn with_notice(
    policy: &EmbargoPolicy,
    received: NaiveDate,
    day: NaiveDate,
    now: DateTime<Utc>,
) -> Option<(NaiveDate, DateTime<Utc>)> {
    let earliest = received.max(now.date_naive());
    let moment = at(policy, day);
    let frame = Frame {
        received: Some(received),
        now: Some(now),
        ..Frame::default()
    };
    if !judge(policy, &frame, moment).objections.is_empty() {
        return None;
    }
    let (least, most) = policy.notice_days;
    // Around holidays a shorter notice may be all that there is room for.
    (least..=most.min(least.max(5))).rev().find_map(|wanted| {
        let mut notice = day;
        // The notice itself goes out on a day on which people read it.
        while business_days(policy, notice, day) < wanted || !is_business_day(policy, notice) {
            notice = notice.pred_opt().filter(|notice| *notice >= earliest)?;
        }
        let frame = Frame {
            notice: Some(notice),
            ..frame
        };
        let allowed = judge(policy, &frame, moment).objections.is_empty();
        allowed.then_some((notice, moment))
    })
}

/// Returns the first day, from a day on, on which a notice can go out.
pub fn notice_day(policy: &EmbargoPolicy, from: NaiveDate) -> NaiveDate {
    let mut days = from.iter_days().take(366);
    days.find(|day| is_business_day(policy, *day))
        .unwrap_or(from)
}

/// Returns the moment of the policy's time on a day.
pub fn at(policy: &EmbargoPolicy, day: NaiveDate) -> DateTime<Utc> {
    day.and_time(policy.time).and_utc()
}

/// Returns the day that lies some days later.
pub fn later(day: NaiveDate, days: u32) -> NaiveDate {
    day.checked_add_days(Days::new(days.into()))
        .unwrap_or(NaiveDate::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::config::{Config, SHIPPED};
    use crate::diagnostic::FileId;

    fn policy() -> EmbargoPolicy {
        Config::parse(FileId(0), SHIPPED).0.embargo
    }

    fn day(text: &str) -> Option<NaiveDate> {
        (text != "-").then(|| text.parse().expect("a day"))
    }

    /// The policy in plain language: report, notice, disclosure, and what is said of it.
    const CASES: &str = "
        # A Tuesday, a week after the notice, within 90 days: nothing is said.
        2026-10-01 | 2026-11-17 | 2026-11-24T15:00:00Z |
        # The same moment written in other time zones, over the border of a day.
        2026-10-01 | 2026-11-17 | 2026-11-25T01:00:00+10:00 |
        2026-10-01 | 2026-11-17 | 2026-11-24T08:00:00-07:00 |
        # A Tuesday in Tokyo that is still Monday in UTC, and another hour.
        2026-10-01 | 2026-11-17 | 2026-11-24T08:00:00+09:00 | it is a Monday; 23:00 UTC is not 15:00 UTC
        # Weekdays that are avoided, and the weekend.
        2026-10-01 | 2026-11-10 | 2026-11-16T15:00:00Z | it is a Monday
        2026-10-01 | 2026-11-10 | 2026-11-20T15:00:00Z | it is a Friday
        2026-10-01 | 2026-11-10 | 2026-11-21T15:00:00Z | it is a Saturday
        # Holidays: a weekday of a month, before and after Easter, and the turn of the year.
        2026-10-01 | 2026-11-17 | 2026-11-26T15:00:00Z | it is Thanksgiving
        2026-03-01 | 2026-05-05 | 2026-05-14T15:00:00Z | it is Ascension Day
        2026-10-15 | 2026-12-15 | 2026-12-24T15:00:00Z | it is the turn of the year
        # Holidays are no business days: Thanksgiving and the day after do not count.
        2026-10-01 | 2026-11-24 | 2026-12-01T15:00:00Z |
        2026-10-01 | 2026-11-25 | 2026-12-01T15:00:00Z | 2 business days after the notice; 3 are the least
        # The notice: 3 business days at least, 10 at most.
        2026-10-01 | 2026-11-02 | 2026-11-05T15:00:00Z |
        2026-10-01 | 2026-11-03 | 2026-11-05T15:00:00Z | 2 business days after the notice; 3 are the least
        2026-10-01 | 2026-10-20 | 2026-11-03T15:00:00Z |
        2026-10-01 | 2026-10-20 | 2026-11-04T15:00:00Z | 11 business days after the notice; 10 are the most; 15 days after the notice to linux-distros; 14 are the most: tell them on 2026-10-21 or later
        # A holiday stretches 10 business days over the 14 days of linux-distros.
        2026-10-01 | 2026-11-03 | 2026-11-18T15:00:00Z | 15 days after the notice to linux-distros; 14 are the most: tell them on 2026-11-04 or later
        # 90 days from the report: the 90th is the last.
        2026-08-26 | 2026-11-17 | 2026-11-24T15:00:00Z |
        2026-08-25 | 2026-11-17 | 2026-11-24T15:00:00Z | it comes 91 days after the report; the last possible day is 2026-11-23
        # Over a 29 February: 2028 has one, 2027 has none.
        2027-12-02 | 2028-02-22 | 2028-03-01T15:00:00Z |
        2027-12-01 | 2028-02-22 | 2028-03-01T15:00:00Z | it comes 91 days after the report; the last possible day is 2028-02-29
        2026-12-02 | 2027-02-22 | 2027-03-02T15:00:00Z |
        2028-01-10 | 2028-02-22 | 2028-02-29T15:00:00Z |
        # Contradictions.
        2026-11-25 | - | 2026-11-24T15:00:00Z | it comes before the report of 2026-11-25
        2026-10-01 | 2026-11-30 | 2026-11-24T15:00:00Z | 0 business days after the notice; 3 are the least
        # What is not known is not held against anything.
        - | - | 2026-11-24T15:00:00Z |
        - | - | 2026-11-24T14:30:00Z | 14:30 UTC is not 15:00 UTC
    ";

    #[test]
    fn the_table_of_cases_holds() {
        let policy = policy();
        let mut checked = 0;
        for line in CASES.lines().map(str::trim) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            let moment = DateTime::parse_from_rfc3339(cells[2]).expect(line).to_utc();
            let frame = Frame {
                received: day(cells[0]),
                notice: day(cells[1]),
                ..Frame::default()
            };
            let said: Vec<String> = judge(&policy, &frame, moment)
                .objections
                .iter()
                .map(Objection::to_string)
                .collect();
            assert_eq!(said.join("; "), cells[3], "{line}");
            checked += 1;
        }
        assert!(checked >= 24, "{checked}");
    }

    fn any_day() -> impl Strategy<Value = NaiveDate> {
        // 2024 to 2040: five leap years.
        (0..6_200_i64)
            .prop_map(|days| day("2024-01-01").expect("a day") + chrono::TimeDelta::days(days))
    }

    proptest! {
        /// A proposed day keeps every sentence of the policy, each one checked in its own way.
        #[test]
        fn proposals_keep_the_policy(received in any_day(), wait in 0..100_i64, hours in -12..=14_i32) {
            let policy = policy();
            let notice = notice_day(&policy, received + chrono::TimeDelta::days(wait));
            let frame = Frame { received: Some(received), ..Frame::default() };
            let found = candidates(&policy, &frame, notice);
            for candidate in &found {
                let on = candidate.moment.date_naive();
                let allowed = candidate.objections.is_empty();
                // Written in any time zone it is judged alike.
                let zone = chrono::FixedOffset::east_opt(hours * 3600).expect("a zone");
                let elsewhere = candidate.moment.with_timezone(&zone).to_rfc3339();
                let again = DateTime::parse_from_rfc3339(&elsewhere).expect("a moment").to_utc();
                let told = Frame { notice: Some(notice), ..frame };
                prop_assert_eq!(judge(&policy, &told, again).objections.is_empty(), allowed);
                let mut business = 0;
                let mut walk = notice;
                while walk < on {
                    walk = walk.succ_opt().expect("a day");
                    let free = policy.holidays.iter().any(|holiday| holiday.is_on(walk));
                    business += u32::from(walk.weekday().num_days_from_monday() < 5 && !free);
                }
                let good = (on - received).num_days() <= 90
                    && (on - notice).num_days() <= 14
                    && (3..=10).contains(&business)
                    && matches!(on.weekday(), Weekday::Tue | Weekday::Wed | Weekday::Thu)
                    && !policy.holidays.iter().any(|holiday| holiday.is_on(on))
                    && candidate.moment.time().to_string() == "15:00:00";
                prop_assert_eq!(allowed, good, "{} {:?}", on, candidate.objections);
            }
            // Nothing that the policy allows is left out.
            for after in 1..30 {
                let on = notice + chrono::TimeDelta::days(after);
                let told = Frame { notice: Some(notice), ..frame };
                let good = judge(&policy, &told, at(&policy, on)).objections.is_empty();
                let listed = found.iter().any(|one| one.moment.date_naive() == on && one.objections.is_empty());
                prop_assert_eq!(good, listed, "{}", on);
            }
        }

        /// An embargo that begins on any day can end by the policy, and not a day was given away in vain.
        #[test]
        fn every_report_has_a_last_day(received in any_day()) {
            let policy = policy();
            let (notice, moment) = last_allowed(&policy, received, DateTime::<Utc>::MIN_UTC).expect("a day");
            let frame = Frame { received: Some(received), notice: Some(notice), ..Frame::default() };
            prop_assert!(judge(&policy, &frame, moment).objections.is_empty());
            prop_assert!(is_business_day(&policy, notice) && notice > received);
            prop_assert!((moment.date_naive() - received).num_days() >= 70, "{moment}");
        }
    }

    #[test]
    fn no_report_of_seventeen_years_is_without_a_last_day() {
        let policy = policy();
        let start = day("2024-01-01").expect("a day");
        for received in start.iter_days().take(6_200) {
            let (notice, moment) =
                last_allowed(&policy, received, DateTime::<Utc>::MIN_UTC).expect("a day");
            let left = (moment.date_naive() - received).num_days();
            assert!(left >= 70 && notice > received, "{received}: {moment}");
        }
    }
}
