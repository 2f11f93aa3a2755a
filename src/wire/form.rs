//! A message and a file as the two parts of a form.

/// The file beside a message.
#[derive(Clone)]
pub(crate) struct Attachment {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

impl core::fmt::Debug for Attachment {
    fn fmt(&self, out: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(out, "Attachment({} bytes)", self.bytes.len())
    }
}

/// The form, and the line between its parts. Same parts, same bytes.
pub(crate) fn form(message: &[u8], attachment: &Attachment, message_id: &str) -> (String, Vec<u8>) {
    let mut boundary = format!("zhijie-{message_id}");
    while holds(message, &boundary) || holds(&attachment.bytes, &boundary) {
        boundary.push('-');
    }
    let mut body = Vec::new();
    let head = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"jsonStr\"\r\n\
         Content-Type: application/json; charset=utf-8\r\n\r\n"
    );
    body.extend_from_slice(head.as_bytes());
    body.extend_from_slice(message);
    let head = format!(
        "\r\n--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{}\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n",
        attachment.name
    );
    body.extend_from_slice(head.as_bytes());
    body.extend_from_slice(&attachment.bytes);
    body.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    (boundary, body)
}

fn holds(bytes: &[u8], boundary: &str) -> bool {
    bytes
        .windows(boundary.len())
        .any(|window| window == boundary.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_between_the_parts_stands_in_none_of_them() {
        let plain = Attachment {
            name: String::from("a.zip"),
            bytes: b"PK".to_vec(),
        };
        let (boundary, body) = form(b"{}", &plain, "M1");
        assert_eq!(boundary, "zhijie-M1");
        let text = String::from_utf8(body).unwrap();
        assert!(text.starts_with("--zhijie-M1\r\n") && text.ends_with("\r\nPK\r\n--zhijie-M1--\r\n"));

        let spiteful = Attachment {
            bytes: b"..zhijie-M1-..".to_vec(),
            ..plain
        };
        let (boundary, _) = form(b"zhijie-M1", &spiteful, "M1");
        assert_eq!(boundary, "zhijie-M1--");
    }
}
