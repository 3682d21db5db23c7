//! What a note says is affected: its free text read into products with versions or series.
//!
//! Fifteen years of habits, with no schema: `Keystone, Juno, Kilo`, `Cinder (Icehouse, Juno), Nova
//! (Juno)`, `Gnocchi (<4.6.6, ==4.7.0)`, `- nova: <25.1.2, ==27.0.0`, `Nova / All versions`, `Nova,
//! Cinder, all versions`, sentences. Where the text does not say what is affected, nothing is
//! returned: reading never guesses, and the text itself stays with the document.

mod entry;
mod layout;
mod names;
mod versions;
mod words;

use std::ops::Range;

use self::words::{PRODUCT_LABELS, VERSION_LABELS};
use crate::config::Config;
use crate::model::NoteBody;

/// A product that a note names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// Canonical name where vmt.toml knows the product, the name as written elsewhere.
    pub product: String,
    /// Whether vmt.toml knows the product.
    pub known: bool,
    /// What is affected of it, in a form that `version::expression` reads: canonical comparators,
    /// names of series, or `all versions`. `None` where the text does not say.
    pub version: Option<String>,
    /// The words of the text that say so.
    pub verbatim: String,
    /// The item of `affected-services` that they stand in.
    pub item: usize,
    /// Where they stand in the value of the item, in bytes.
    pub place: Range<usize>,
}

/// Reads the affected services of a note.
pub fn of_note(note: &NoteBody, config: &Config) -> Vec<Service> {
    read(note.services.iter().map(|text| text.value.as_str()), config)
}

/// Reads the items of an `affected-services` field, each as its author wrote it.
pub fn read<'a>(items: impl IntoIterator<Item = &'a str>, config: &Config) -> Vec<Service> {
    let mut found: Vec<Service> = Vec::new();
    for (item, text) in items.into_iter().enumerate() {
        if text.len() > LONGEST {
            continue;
        }
        let reader = Reader { text, config };
        for mut service in reader.services() {
            service.item = item;
            let same = |other: &&mut Service| other.product == service.product;
            match found.iter_mut().find(same) {
                // A product that is named again only matters when it says more.
                Some(other) if other.version.is_none() => *other = service,
                Some(_) => {}
                None => found.push(service),
            }
        }
    }
    found
}

/// An item that is longer lists no products; the longest real one has 600 bytes.
const LONGEST: usize = 16 * 1024;

/// Reads one item.
struct Reader<'a> {
    text: &'a str,
    config: &'a Config,
}

impl Reader<'_> {
    fn services(&self) -> Vec<Service> {
        let mut found = Vec::new();
        let entries = self.entries();
        for (at, entry) in entries.iter().enumerate() {
            let label = self.label(entry);
            match label {
                Some((word, rest)) if VERSION_LABELS.contains(&word.as_str()) => {
                    // MediaWiki: the releases of what the entry before it lists.
                    if let Some(version) = self.version(&self.text[rest.clone()]) {
                        give(&mut found, &version);
                    }
                }
                Some((word, rest)) if PRODUCT_LABELS.contains(&word.as_str()) => {
                    found.extend(self.entry(rest));
                }
                _ if at > 0 && !self.is_listing(entry) => {}
                _ => found.extend(self.entry(entry.clone())),
            }
        }
        // Several unknown names with versions in one text are mostly the series of one of them.
        let unknown = |service: &&mut Service| !service.known && service.version.is_some();
        let parts = entries.len();
        if found.iter_mut().filter(unknown).count() > parts {
            found
                .iter_mut()
                .filter(unknown)
                .for_each(|service| service.version = None);
        }
        found
    }
}

/// Gives every product without a version this one.
fn give(services: &mut [Service], version: &str) {
    for service in services {
        if service.known && service.version.is_none() {
            service.version = Some(version.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::SHIPPED;
    use crate::diagnostic::FileId;

    fn config() -> &'static Config {
        static CONFIG: std::sync::OnceLock<Config> = std::sync::OnceLock::new();
        CONFIG.get_or_init(|| Config::parse(FileId(0), SHIPPED).0)
    }

    fn shown(text: &str) -> String {
        read([text], config())
            .iter()
            .map(|service| {
                assert_eq!(text[service.place.clone()].trim(), service.verbatim);
                let sign = if service.known { "" } else { "?" };
                match &service.version {
                    Some(version) => format!("{sign}{}: {version}", service.product),
                    None => format!("{sign}{}", service.product),
                }
            })
            .collect::<Vec<_>>()
            .join("; ")
    }

    #[test]
    fn every_dialect_is_read() {
        let mut wrong = Vec::new();
        for (text, read) in [
            // Upstream's YAML.
            ("Keystone, Juno, Kilo", "keystone: Juno, Kilo"),
            (
                "Cinder (Icehouse, Juno), Nova (Juno)",
                "cinder: Icehouse, Juno; nova: Juno",
            ),
            ("Aodh (<4.6.6, ==4.7.0)", "aodh: <4.6.6, ==4.7.0"),
            ("Gnocchi (<4.6.6, ==4.7.0)", "?Gnocchi: <4.6.6, ==4.7.0"),
            (
                "- ironic (>=6.2.0)\n    - only with the\n      agent\n    - not Nova\n- zun (<3)\n",
                "ironic: >=6.2.0; zun: <3",
            ),
            (
                "Nova, Cinder, all versions",
                "nova: all versions; cinder: all versions",
            ),
            (
                "- cinder (<20.2.1, >=21.0.0 <21.2.1)\n- os-brick (<5.2.3)\n",
                "cinder: <20.2.1, >=21.0.0 <21.2.1; os-brick: <5.2.3",
            ),
            (
                "- Ceph (all versions prior to v20.2.4 or v19.2.6)\n- Services of a kind (Nova, Manila)\n- A Gateway (GW), when used as a store (Swift/S3) backend\n",
                "?Ceph; nova; manila; ?A Gateway",
            ),
            // Legacy texts.
            ("Nova, Hosts, 'A Driver'", "nova; ?Hosts; ?A Driver"),
            (
                "Glance, Image Store, Diablo, Essex",
                "glance: Diablo, Essex; ?Image Store",
            ),
            ("Grizzly, Havana, OpenSSL", "?OpenSSL"),
            ("GNU Bash, Grizzly, Havana", "?GNU Bash"),
            ("Heat, nova-network, Havana", "heat: Havana; nova: Havana"),
            (
                "Python-keystoneclient=<0.10.0",
                "python-keystoneclient: <=0.10.0",
            ),
            (
                "Nova / All versions, Trove / Juno, others perhaps",
                "nova: all versions; trove: Juno",
            ),
            (
                "Neutron FWaaS, Grizzly, Havana",
                "neutron-fwaas: Grizzly, Havana",
            ),
            ("Nova Baremetal, All Releases", "nova"),
            ("All OpenStack services, Havana", ""),
            ("Most of our services / all versions", ""),
            (
                "Software that is built with Keystone middleware: Juno, Kilo",
                "keystonemiddleware: Juno, Kilo",
            ),
            (
                "Cinder: Icehouse, Juno\nNova: Juno, Kilo",
                "cinder: Icehouse, Juno; nova: Juno, Kilo",
            ),
            (
                "Cinder: Icehouse, Juno\nNova / Juno, Kilo",
                "cinder: Icehouse, Juno; nova: Juno, Kilo",
            ),
            (
                "All lamps behind keystone.\n\nMitaka, Liberty, Nova, Juno.",
                "keystone; nova: Mitaka, Liberty, Juno",
            ),
            ("horizon", "horizon"),
            (
                "Version 1 of the Heat Template Service (gone since Newton).",
                "heat",
            ),
            (
                "OpenStack Image Store (Glance). Releases Pike, Queens.",
                "glance: Pike, Queens",
            ),
            (
                "Whoever runs neutron with a version of dnsmasq before\n2.5.",
                "neutron; ?dnsmasq: <2.5",
            ),
            (
                "The Lamp Service (Keystone) versions through Mitaka, as well\nas Newton (<= 10.0.2), and Ocata (<= 11.0.1).",
                "keystone: <10.0.0, >=10.0.0 <=10.0.2, >=11.0.0 <=11.0.1",
            ),
            (
                "Cinder / Ocata, Pike\n\nThis applies only to one driver of Nova.  Others are fine.",
                "cinder: Ocata, Pike",
            ),
            (
                "- Shares of Files (Manila) versions Liberty (1.0.0)\n  through Train (9.0.0)\n- Ceph Luminous (<=v12.2.13), Mimic (<=v13.2.10),\n  Octopus (<=v15.2.7)",
                "manila: >=1.0.0 <=9.0.0; ?Ceph Luminous; ?Mimic; ?Octopus",
            ),
            (
                "- Sushy-Tools, <=0.21.0\n- VirtualBMC, <=2.2.2\n\nThere is no impact on Nova.",
                "?Sushy-Tools: <=0.21.0; ?VirtualBMC: <=2.2.2",
            ),
            ("- murano: all versions", "murano: all versions"),
            ("- ironic: >=32.0.0, <37.0.0", "ironic: >=32.0.0 <37.0.0"),
            (
                "'''Services''': Nova,Watcher\n\n'''Releases''': all supported releases",
                "nova: all supported releases; watcher: all supported releases",
            ),
            (
                "Whatever speaks TLS. With some libraries that is, among\nothers:\n\n- OpenStack services\n- Web servers (Apache, Nginx, etc)\n",
                "",
            ),
            ("2026.1/Gazpacho, Nova", "nova: Gazpacho"),
            ("neutron with the L3 agent (folsom, grizzly)", "neutron"),
            ("", ""),
        ] {
            if shown(text) != read {
                wrong.push(format!("{text}\n  read {}\n  not  {read}", shown(text)));
            }
        }
        assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    }

    #[test]
    fn the_name_of_the_organisation_is_left_out_before_a_product() {
        let text =
            "[team]\norganisation = \"Example Project\"\n\n[[products]]\nname = \"widget\"\n";
        let (config, _) = Config::parse(FileId(0), text);
        let found = read(["Example Project Widget (<2.0)"], &config);
        let service = found.first().expect("a product");
        assert_eq!(
            (service.product.as_str(), service.version.as_deref()),
            ("widget", Some("<2.0"))
        );
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "(\\PC|\n){0,120}|([Nn]ova|Juno|[-*]|[(),.:;/&<>=0-9']|all|and|versions|prior to|through|[ \n]){0,40}") {
            for service in read([text.as_str()], config()) {
                proptest::prop_assert!(text.get(service.place).is_some());
            }
        }
    }
}
