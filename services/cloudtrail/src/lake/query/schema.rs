//! The columns of event data stores, and the values of events in them.
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/query-supported-event-schemas.html>

use aws_lc_rs::digest::{SHA256, digest};
use serde_json::Value as Json;
use welkin_kernel::{Error, Result};
use welkin_sql::{Column, Type, Value, hive_type};

use crate::lake::selector::Category;

/// Of CloudTrail's own events.
// UNVERIFIED: `credentialsissuedto`, which the page writes with a slip of the pen, and `vpcendpointaccountid`, which only
// the reference of events has.
const EVENT: &[(&str, &str)] = &[
    ("eventversion", "string"),
    (
        "useridentity",
        "struct<type:string,principalid:string,arn:string,accountid:string,accesskeyid:string,username:string,\
         sessioncontext:struct<attributes:struct<creationdate:timestamp,mfaauthenticated:string>,\
         sessionissuer:struct<type:string,principalid:string,arn:string,accountid:string,username:string>,\
         webidfederationdata:struct<federatedprovider:string,attributes:map<string,string>>,sourceidentity:string,\
         ec2roledelivery:string,ec2issuedinvpc:string>,onbehalfof:struct<userid:string,identitystorearn:string>,\
         inscopeof:struct<sourcearn:string,sourceaccount:string,issuertype:string,credentialsissuedto:string>,\
         invokedby:string,identityprovider:string>",
    ),
    ("eventtime", "timestamp"),
    ("eventsource", "string"),
    ("eventname", "string"),
    ("awsregion", "string"),
    ("sourceipaddress", "string"),
    ("useragent", "string"),
    ("errorcode", "string"),
    ("errormessage", "string"),
    ("requestparameters", "map<string,string>"),
    ("responseelements", "map<string,string>"),
    ("additionaleventdata", "map<string,string>"),
    ("requestid", "string"),
    ("eventid", "string"),
    ("readonly", "boolean"),
    ("resources", "array<struct<accountid:string,type:string,arn:string,arnprefix:string>>"),
    ("eventtype", "string"),
    ("apiversion", "string"),
    ("managementevent", "boolean"),
    ("recipientaccountid", "string"),
    ("sharedeventid", "string"),
    ("annotation", "string"),
    ("vpcendpointid", "string"),
    ("vpcendpointaccountid", "string"),
    ("serviceeventdetails", "map<string,string>"),
    ("addendum", "map<string,string>"),
    ("edgedevicedetails", "map<string,string>"),
    ("insightdetails", "map<string,string>"),
    ("eventcategory", "string"),
    ("tlsdetails", "struct<tlsversion:string,ciphersuite:string,clientprovidedhostheader:string>"),
    ("sessioncredentialfromconsole", "string"),
    (JSON, "string"),
    (CHECKSUM, "string"),
];

/// The whole event.
const JSON: &str = "eventjson";

/// A checksum of the whole event.
// UNVERIFIED: that it is SHA-256 in hexadecimal, as of files.
const CHECKSUM: &str = "eventjsonchecksum";

/// Of events that come through channels.
// UNVERIFIED: `errormessage`, which the page writes with a slip of the pen.
const ACTIVITY: &[(&str, &str)] = &[
    ("eventversion", "string"),
    ("eventcategory", "string"),
    ("eventtype", "string"),
    ("eventid", "string"),
    ("eventtime", "timestamp"),
    ("awsregion", "string"),
    ("recipientaccountid", "string"),
    ("addendum", "struct<reason:string,updatedfields:string,originaluid:string,originaleventid:string>"),
    ("metadata", "struct<ingestiontime:string,channelarn:string>"),
    (
        "eventdata",
        "struct<version:string,useridentity:struct<type:string,principalid:string,details:map<string,string>>,\
         useragent:string,eventsource:string,eventname:string,eventtime:string,uid:string,\
         requestparameters:map<string,string>,responseelements:map<string,string>,errorcode:string,\
         errormessage:string,sourceipaddress:string,recipientaccountid:string,additionaleventdata:map<string,string>>",
    ),
];

/// The time of an event.
pub(super) const TIME: &str = "eventtime";

/// The columns of a store of events of this category.
///
/// # Errors
/// A fault in the tables above.
pub(super) fn columns(category: Category) -> Result<Vec<Column>> {
    let all = match category {
        Category::Management => EVENT,
        Category::ActivityAuditLog => ACTIVITY,
    };
    let column = |(name, ty): &(&str, &str)| {
        Ok(Column { name: (*name).to_owned(), ty: hive_type(ty).map_err(Error::internal)? })
    };
    all.iter().map(column).collect()
}

/// The values of an event, given as JSON, in some columns of its store.
///
/// # Errors
/// What is no JSON.
pub(super) fn row(columns: &[Column], wanted: &[usize], event: &str) -> serde_json::Result<Vec<Value>> {
    let json: Json = serde_json::from_str(event)?;
    let column = |column: &Column| match column.name.as_str() {
        JSON => Value::text(event),
        CHECKSUM => Value::text(hex::encode(digest(&SHA256, event.as_bytes()))),
        name => member(&json, name).map_or(Value::Null, |json| value(&column.ty, json)),
    };
    Ok(wanted.iter().filter_map(|n| columns.get(*n)).map(column).collect())
}

/// A member of an object, whose name is in lower case here.
fn member<'a>(json: &'a Json, name: &str) -> Option<&'a Json> {
    json.as_object()?.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

/// JSON as a value of a type. What does not fit is NULL; what is no text is shown as JSON where a text is wanted, so that
/// `json_extract` can go on.
fn value(ty: &Type, json: &Json) -> Value {
    match (ty, json) {
        (_, Json::Null) => Value::Null,
        (Type::Varchar(_), Json::String(text)) => Value::text(text),
        (Type::Varchar(_), other) => Value::text(other.to_string()),
        (Type::Boolean, Json::Bool(it)) => Value::Boolean(*it),
        (Type::Boolean, Json::String(text)) => text.parse().map_or(Value::Null, Value::Boolean),
        (Type::Timestamp(_), Json::String(text)) => {
            text.parse::<jiff::Timestamp>().map_or(Value::Null, |time| Value::Timestamp(time.as_microsecond()))
        }
        (Type::Array(element), Json::Array(all)) => Value::array(all.iter().map(|json| value(element, json)).collect()),
        (Type::Map(_, of), Json::Object(all)) => {
            Value::Map(all.iter().map(|(key, json)| (Value::text(key), value(of, json))).collect())
        }
        (Type::Row(fields), json @ Json::Object(_)) => {
            let field = |(name, ty): &(Option<String>, Type)| {
                let found = name.as_deref().and_then(|name| member(json, name));
                found.map_or(Value::Null, |json| value(ty, json))
            };
            Value::Row(fields.iter().map(field).collect())
        }
        _ => Value::Null,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::event::{render, tests::record};

    fn shown(category: Category, event: &str, name: &str) -> String {
        let columns = columns(category).unwrap();
        let at = columns.iter().position(|column| column.name == name).unwrap();
        welkin_sql::show(&columns[at].ty, &row(&columns, &[at], event).unwrap()[0])
    }

    #[test]
    fn an_event_has_the_documented_columns() {
        let event = render(&record()).unwrap();
        for (name, expected) in [
            ("eventname", "Decrypt"),
            ("eventtime", "2023-07-19 21:33:41.000"),
            ("readonly", "true"),
            ("responseelements", "null"),
            ("requestparameters", r#"{encryptionContext={"aws:s3:arn":"arn:aws:s3:::b/k"}}"#),
            ("sharedeventid", "s"),
            ("vpcendpointid", "null"),
            ("eventjson", event.as_str()),
        ] {
            assert_eq!(shown(Category::Management, &event, name), expected, "{name}");
        }
        let resources = shown(Category::Management, &event, "resources");
        assert!(resources.contains("accountid=111122223333, type=AWS::KMS::Key"), "{resources}");
        assert_eq!(shown(Category::Management, &event, "eventjsonchecksum").len(), 64);
    }

    #[test]
    fn an_event_of_another_source_keeps_its_data_in_one_column() {
        let event = r#"{"eventTime":"2023-07-19T21:33:41Z","metadata":{"channelARN":"c"},"eventData":
            {"UID":"u","userIdentity":{"type":"t","details":{"a":1}}}}"#;
        assert_eq!(shown(Category::ActivityAuditLog, event, "metadata"), "{ingestiontime=null, channelarn=c}");
        let data = shown(Category::ActivityAuditLog, event, "eventdata");
        assert!(data.contains("useridentity={type=t, principalid=null, details={a=1}}"), "{data}");
        assert!(data.contains("uid=u"), "{data}");
    }
}
