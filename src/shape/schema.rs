//! JSON Schema 2020-12 from a field table.

use serde_json::{Map, Value, json};

use super::{Field, Presence, Shape, Table};

/// Returns the schema of a table. `id` is its address, `title` its name for a human.
pub fn schema(table: &Table, id: &str, title: &str) -> Value {
    let mut definitions = Map::new();
    let mut root = object(table, &mut definitions);
    let mut schema = Map::new();
    schema.insert(
        "$schema".into(),
        json!("https://json-schema.org/draft/2020-12/schema"),
    );
    schema.insert("$id".into(), json!(id));
    schema.insert("title".into(), json!(title));
    if let Value::Object(root) = &mut root {
        schema.append(root);
    }
    // Definitions in name order: the file is read in diffs.
    let mut names: Vec<String> = definitions.keys().cloned().collect();
    names.sort();
    let sorted: Map<String, Value> = names
        .into_iter()
        .filter_map(|name| definitions.remove(&name).map(|value| (name, value)))
        .collect();
    schema.insert("$defs".into(), Value::Object(sorted));
    Value::Object(schema)
}

fn object(table: &Table, definitions: &mut Map<String, Value>) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for field in table.fields {
        properties.insert(field.name.into(), property(field, definitions));
        if field.presence == Presence::Required {
            required.push(field.name);
        }
    }
    let mut schema = json!({
        "description": table.summary,
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    });
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    schema
}

fn property(field: &Field, definitions: &mut Map<String, Value>) -> Value {
    let mut schema = value(&field.shape, definitions);
    if field.presence != Presence::Required {
        schema = or_null(schema);
    }
    if let Value::Object(map) = &mut schema {
        map.insert("description".into(), json!(field.summary));
        if field.presence == Presence::Legacy {
            map.insert("deprecated".into(), json!(true));
        }
    }
    schema
}

fn value(shape: &Shape, definitions: &mut Map<String, Value>) -> Value {
    match shape {
        Shape::Text => json!({ "type": "string" }),
        Shape::NumberLike => json!({ "type": ["string", "number"] }),
        // `format` annotates: texts that are no date are read, and linted.
        Shape::Date => json!({ "type": "string", "format": "date" }),
        Shape::Moment => json!({ "type": "string", "format": "date-time" }),
        Shape::Url => json!({ "type": "string", "format": "uri" }),
        Shape::Choice(words) => json!({ "enum": words }),
        Shape::Integer => json!({ "type": "integer", "minimum": 0 }),
        Shape::Boolean => json!({ "type": "boolean" }),
        Shape::List(item) => json!({ "type": "array", "items": value(item, definitions) }),
        Shape::Map(each) => {
            let each = or_null(value(each, definitions));
            json!({ "type": "object", "additionalProperties": each })
        }
        Shape::Table(table) => {
            let name = table.name.replace(' ', "-");
            if !definitions.contains_key(&name) {
                definitions.insert(name.clone(), Value::Null);
                let body = object(table, definitions);
                definitions.insert(name.clone(), body);
            }
            json!({ "$ref": format!("#/$defs/{name}") })
        }
        Shape::AnyOf(shapes) => {
            let all: Vec<Value> = shapes.iter().map(|one| value(one, definitions)).collect();
            json!({ "anyOf": all })
        }
    }
}

/// A key with nothing behind it is read as absent.
fn or_null(schema: Value) -> Value {
    match &schema["type"] {
        Value::String(kind) => {
            let mut schema = schema.clone();
            schema["type"] = json!([kind, "null"]);
            schema
        }
        Value::Array(kinds) => {
            let mut kinds = kinds.clone();
            kinds.push(json!("null"));
            let mut schema = schema;
            schema["type"] = Value::Array(kinds);
            schema
        }
        _ => match schema.get("anyOf") {
            Some(Value::Array(shapes)) => {
                let mut shapes = shapes.clone();
                shapes.push(json!({ "type": "null" }));
                json!({ "anyOf": shapes })
            }
            _ => json!({ "anyOf": [schema, { "type": "null" }] }),
        },
    }
}
