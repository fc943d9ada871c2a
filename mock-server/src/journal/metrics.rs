//! What is counted, and how Prometheus reads it.

use crate::examination::Examination;
use crate::http::exchange::Answer;
use crate::protocol::Event;
use std::collections::BTreeMap;
use std::fmt::Write;

/// Counters of a realm since its start.
#[derive(Debug, Clone, Default)]
pub(crate) struct Counters {
    exchanges: BTreeMap<(&'static str, u16), u64>,
    broken: BTreeMap<&'static str, u64>,
    faults: BTreeMap<&'static str, u64>,
}

impl Counters {
    pub(super) fn count(&mut self, event: Event, exam: &Examination, answer: &Answer) {
        *self.exchanges.entry((event.name(), answer.status.as_u16())).or_default() += 1;
        for refusal in exam.verdicts.iter().filter_map(|verdict| verdict.refusal()) {
            *self.broken.entry(refusal.rule.id).or_default() += 1;
        }
        for fault in &exam.faults {
            *self.faults.entry(fault).or_default() += 1;
        }
    }
}

/// Counters by one id.
type Family = fn(&Counters) -> &BTreeMap<&'static str, u64>;

/// The text exposition format of Prometheus, version 0.0.4, for all realms.
pub(crate) fn exposition(realms: &[(String, Counters)]) -> String {
    let mut text = String::new();
    let realm = |name: &str| name.replace('\\', "\\\\").replace('"', "\\\"");
    let _ = writeln!(text, "# HELP myinfo_mock_exchanges_total Requests answered, by realm, event and status.");
    let _ = writeln!(text, "# TYPE myinfo_mock_exchanges_total counter");
    for (name, counters) in realms {
        for ((event, status), count) in &counters.exchanges {
            let _ = writeln!(
                text,
                "myinfo_mock_exchanges_total{{realm=\"{}\",event=\"{event}\",status=\"{status}\"}} {count}",
                realm(name)
            );
        }
    }
    let families: [(&str, &str, &str, Family); 2] = [
        ("rules_broken", "rule", "Broken rules, by realm and rule.", |counters| &counters.broken),
        ("faults_struck", "fault", "Faults that changed an answer, by realm and fault.", |counters| &counters.faults),
    ];
    for (family, label, help, of) in families {
        let _ = writeln!(text, "# HELP myinfo_mock_{family}_total {help}");
        let _ = writeln!(text, "# TYPE myinfo_mock_{family}_total counter");
        for (name, counters) in realms {
            for (id, count) in of(counters) {
                let _ =
                    writeln!(text, "myinfo_mock_{family}_total{{realm=\"{}\",{label}=\"{id}\"}} {count}", realm(name));
            }
        }
    }
    let _ = writeln!(text, "# HELP myinfo_mock_realms Realms that exist.");
    let _ = writeln!(text, "# TYPE myinfo_mock_realms gauge");
    let _ = writeln!(text, "myinfo_mock_realms {}", realms.len());
    text
}
