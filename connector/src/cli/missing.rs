//! A setting that is missing, told with the options and the variables that give it.

use super::{Cli, ProfileName};
use clap::{Arg, CommandFactory};
use myinfo_connector::{Error, Setting};

/// The error; of a missing setting with where it can be given.
pub(super) fn told(error: anyhow::Error, profile: ProfileName) -> anyhow::Error {
    match error.downcast_ref() {
        Some(Error::Missing(setting)) => anyhow::anyhow!("{error}; {}", given_by(options(*setting, profile))),
        _ => error,
    }
}

/// The options that give a setting, by their ids.
const fn options(setting: Setting, profile: ProfileName) -> &'static [&'static str] {
    let is_v3 = matches!(profile, ProfileName::V3);
    match setting {
        Setting::ClientId if is_v3 => &["client_id"],
        Setting::ClientId => &["fapi_client_id"],
        Setting::ClientSecret => &["client_secret"],
        Setting::RedirectUri if is_v3 => &["redirect_url"],
        Setting::RedirectUri => &["fapi_redirect_url"],
        Setting::Attributes => &["attributes"],
        Setting::Scope => &["fapi_scope"],
        Setting::Purpose => &["purpose"],
        Setting::MyinfoKey => &["myinfo_certificate"],
        Setting::PrivateKey => &["private_key"],
        Setting::EserviceId => &["esvc_id"],
        Setting::SigningKey => &["fapi_keys", "fapi_signing_key"],
        Setting::EncryptionKey => &["fapi_keys", "fapi_encryption_key"],
        _ => &[],
    }
}

/// `give --client-id ID, or set MYINFO_CLIENT_ID`.
fn given_by(ids: &[&str]) -> String {
    let command = Cli::command();
    let options: Vec<&Arg> = command.get_arguments().filter(|option| ids.contains(&option.get_id().as_str())).collect();
    let flags: Vec<String> = options.iter().filter_map(|option| flag(option)).collect();
    let variables: Vec<&str> = options.iter().filter_map(|option| option.get_env()?.to_str()).collect();
    format!("give {}, or set {}", flags.join(" or "), variables.join(" or "))
}

fn flag(option: &Arg) -> Option<String> {
    let value = option.get_value_names().and_then(<[_]>::first).map_or("", |name| name.as_str());
    Some(format!("--{} {value}", option.get_long()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_is_given_by_options_that_there_are() {
        const OF_V3: [Setting; 7] = [
            Setting::ClientId,
            Setting::ClientSecret,
            Setting::RedirectUri,
            Setting::Attributes,
            Setting::Purpose,
            Setting::MyinfoKey,
            Setting::EserviceId,
        ];
        const OF_FAPI: [Setting; 5] =
            [Setting::ClientId, Setting::RedirectUri, Setting::Scope, Setting::SigningKey, Setting::EncryptionKey];
        let of_v3 = OF_V3.into_iter().chain([Setting::PrivateKey]).map(|setting| (setting, ProfileName::V3));
        let of_fapi = OF_FAPI.into_iter().map(|setting| (setting, ProfileName::Fapi));
        for (setting, profile) in of_v3.chain(of_fapi) {
            let ids = options(setting, profile);
            let told = given_by(ids);
            assert!(!ids.is_empty(), "{setting:?}");
            assert_eq!(told.matches("--").count(), ids.len(), "{setting:?}: {told}");
            assert_eq!(told.matches("MYINFO_").count(), ids.len(), "{setting:?}: {told}");
        }
    }

    #[test]
    fn other_errors_stay_as_they_are() {
        assert_eq!(told(anyhow::anyhow!("something else"), ProfileName::V3).to_string(), "something else");
    }
}
