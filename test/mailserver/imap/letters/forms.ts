/**
 * Letters in the forms in which programs write them, and in forms in which they should not. Line ends are LF here and CRLF on the
 * way, where a form does not say otherwise; octets are latin1.
 */
export type Letter = { name: string; raw: Buffer }

const text = (body: string) => Buffer.from(body, 'utf8').toString('latin1')
const b64 = (body: string, width = 76) =>
  Buffer.from(body)
    .toString('base64')
    .replaceAll(new RegExp(`.{${width}}`, 'g'), '$&\n')
const head = (subject: string, more = '') =>
  `From: =?utf-8?Q?Tr=E1=BA=A7n_H=C3=A0?= <ha@ngoai.vn>\nTo: An <an@haiduong.gov.vn>\nSubject: ${subject}\nDate: Mon, 23 Nov 2026 08:00:00 +0700\nMessage-ID: <${subject.replaceAll(/\W/g, '')}@ngoai.vn>\nMIME-Version: 1.0\n${more}`
const part = (header: string, body: string) => `${header}\n\n${body}\n`
const multi = (type: string, boundary: string, parts: string[], { end = true, preamble = '', epilogue = '' } = {}) =>
  `Content-Type: multipart/${type}; boundary="${boundary}"\n\n${preamble}${parts.map((each) => `--${boundary}\n${each}`).join('')}${end ? `--${boundary}--\n${epilogue}` : ''}`
const plain = part(
  'Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable',
  'K=C3=ADnh g=E1=BB=ADi',
)
const html = part('Content-Type: text/html; charset="utf-8"\nContent-Transfer-Encoding: base64', b64('<p>Kính gửi</p>'))
const pdf = (disposition: string) =>
  part(`Content-Type: application/pdf\nContent-Transfer-Encoding: base64\n${disposition}`, b64('%PDF-1.7\n'.repeat(30)))
const inner = `${head('trong')}Content-Type: text/plain; charset=utf-8\n\n${text('bên trong')}\n`

const forms: Record<string, string> = {
  'Outlook: alternative with a logo in related': `${head('Outlook', 'Thread-Topic: x\nThread-Index: AdxY\nX-MS-Has-Attach: yes\nAccept-Language: vi-VN, en-US\nContent-Language: vi-VN\n')}${multi('related', '_004_X_', [multi('alternative', '_000_X_', [plain, html]), part('Content-Type: image/png; name="image001.png"\nContent-Description: image001.png\nContent-Disposition: inline; filename="image001.png"; size=3210;\n\tcreation-date="Mon, 23 Nov 2026 01:00:00 GMT";\n\tmodification-date="Mon, 23 Nov 2026 01:00:00 GMT"\nContent-ID: <image001.png@01DC>\nContent-Transfer-Encoding: base64', b64('PNG'))])}`,
  'Outlook: winmail.dat': `${head('TNEF')}${multi('mixed', '----=_NextPart_000', [plain, part('Content-Type: application/ms-tnef;\n\tname="winmail.dat"\nContent-Transfer-Encoding: base64\nContent-Disposition: attachment;\n\tfilename="winmail.dat"', b64('\x78\x9f\x3e\x22'))])}`,
  'Outlook: read receipt': `${head('Read: x')}${multi('report; report-type=disposition-notification', 'mdn', [plain, part('Content-Type: message/disposition-notification', 'Reporting-UA: Outlook\nFinal-Recipient: rfc822;an@haiduong.gov.vn\nDisposition: manual-action/MDN-sent-manually; displayed')])}`,
  'Gmail: alternative': `${head('Gmail')}${multi('alternative', '000000000000a1b2c3', [part('Content-Type: text/plain; charset="UTF-8"\nContent-Transfer-Encoding: base64', b64('Kính gửi anh')), part('Content-Type: text/html; charset="UTF-8"\nContent-Transfer-Encoding: base64', b64('<div dir="ltr">Kính gửi anh</div>'))])}`,
  'Gmail: attachment with X-Attachment-Id': `${head('Gmail2')}${multi('mixed', '0000000000001', [multi('alternative', '0000000000002', [plain, html]), pdf('Content-Disposition: attachment; filename="=?UTF-8?B?xJDGoW4ucGRm?="\nContent-ID: <f_m1>\nX-Attachment-Id: f_m1')])}`,
  'Apple Mail: mixed inside alternative': `${head('Apple', 'X-Mailer: Apple Mail (2.3774)\n')}${multi('alternative', 'Apple-Mail=_A', [plain, multi('mixed', 'Apple-Mail=_B', [html, pdf(`Content-Disposition: inline;\n\tfilename*=utf-8''%C4%90%C6%A1n.pdf`), part('Content-Type: text/html; charset=us-ascii\nContent-Transfer-Encoding: 7bit', '<br>')])])}`,
  'iPhone: picture without a name': `${head('iPhone', 'X-Mailer: iPhone Mail (22A)\n')}${multi('mixed', 'Apple-Mail-7', [part('Content-Type: text/plain; charset=us-ascii\nContent-Transfer-Encoding: 7bit', 'Gui tu iPhone'), part('Content-Type: image/jpeg\nContent-Disposition: inline\nContent-Transfer-Encoding: base64', b64('JPEG'))])}`,
  'Thunderbird: format=flowed': `${head('Thunderbird', 'User-Agent: Mozilla Thunderbird\nContent-Language: vi, en-US\n')}Content-Type: text/plain; charset=UTF-8; format=flowed; delsp=yes\nContent-Transfer-Encoding: 8bit\n\n${text('Dòng một \nhai \n> trích \n-- \nký')}\n`,
  'Thunderbird: forwarded as attachment': `${head('Fwd')}${multi('mixed', '------------F', [plain, part('Content-Type: message/rfc822; charset=UTF-8; name="trong.eml"\nContent-Disposition: attachment; filename="trong.eml"\nContent-Transfer-Encoding: 7bit', inner)])}`,
  'Zalo on a phone': `From: "=?UTF-8?B?TmFt?=" <nam@zalo.example>\nTo: motcua@haiduong.gov.vn\nSubject: =?UTF-8?B?R+G7rWkgdOG7qyBaYWxv?=\nX-Priority: 3\nContent-Type: text/html; charset=UTF-8\nContent-Transfer-Encoding: base64\n\n${b64('<b>ảnh</b>')}\n`,
  'S/MIME: signed, detached': `${head('SMIME')}${multi('signed; protocol="application/pkcs7-signature"; micalg=sha-256', 'sm', [plain, part('Content-Type: application/pkcs7-signature; name="smime.p7s"\nContent-Transfer-Encoding: base64\nContent-Disposition: attachment; filename="smime.p7s"\nContent-Description: S/MIME Cryptographic Signature', b64('sig'))], { preamble: 'This is a cryptographically signed message in MIME format.\n\n' })}`,
  'S/MIME: opaque': `${head('SMIME2')}Content-Type: application/pkcs7-mime; smime-type=enveloped-data;\n name=smime.p7m\nContent-Disposition: attachment; filename=smime.p7m\nContent-Transfer-Encoding: base64\n\n${b64('enveloped'.repeat(40))}\n`,
  'PGP/MIME: encrypted': `${head('PGP')}${multi('encrypted; protocol="application/pgp-encrypted"', 'pg', [part('Content-Type: application/pgp-encrypted\nContent-Description: PGP/MIME version identification', 'Version: 1'), part('Content-Type: application/octet-stream; name="encrypted.asc"\nContent-Disposition: inline; filename="encrypted.asc"', '-----BEGIN PGP MESSAGE-----\n\nx\n-----END PGP MESSAGE-----')])}`,
  'PGP: inline': `${head('PGP2')}Content-Type: text/plain; x-action=pgp-signed\n\n-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n- -- dash\n-----BEGIN PGP SIGNATURE-----\nx\n-----END PGP SIGNATURE-----\n`,
  'Postfix: bounce': `Return-Path: <>\nFrom: MAILER-DAEMON@mx.ngoai.vn (Mail Delivery System)\nSubject: Undelivered Mail Returned to Sender\nTo: an@haiduong.gov.vn\nAuto-Submitted: auto-replied\nMIME-Version: 1.0\n${multi('report; report-type=delivery-status', 'DSN/mx.ngoai.vn', [part('Content-Description: Notification\nContent-Type: text/plain; charset=us-ascii', 'failed'), part('Content-Description: Delivery report\nContent-Type: message/delivery-status', 'Reporting-MTA: dns; mx.ngoai.vn\n\nFinal-Recipient: rfc822; x@y\nAction: failed\nStatus: 5.1.1'), part('Content-Description: Undelivered Message\nContent-Type: message/rfc822', inner)], { preamble: 'This is a MIME-encapsulated message.\n\n' })}`,
  'bounce with headers only': `${head('DSN')}${multi('report; report-type=delivery-status', 'd', [plain, part('Content-Type: message/delivery-status', 'Reporting-MTA: dns;x'), part('Content-Type: text/rfc822-headers', 'From: a@b\nSubject: x')])}`,
  'calendar: invitation': `${head('Cuoc hop')}${multi('alternative', 'cal', [plain, part('Content-Type: text/calendar; charset=UTF-8; method=REQUEST; name="invite.ics"\nContent-Class: urn:content-classes:calendarmessage\nContent-Transfer-Encoding: 8bit', text('BEGIN:VCALENDAR\nSUMMARY:Họp\nEND:VCALENDAR'))])}`,
  'message in a message in a message': `${head('m1')}Content-Type: message/rfc822\n\n${head('m2')}Content-Type: message/rfc822\n\n${head('m3')}\nsau cung\n`,
  'nested messages with multiparts': `${head('m4')}${multi('mixed', 'o', [plain, part('Content-Type: message/rfc822', `${head('m5')}${multi('mixed', 'i', [plain, part('Content-Type: message/rfc822', `${head('m6')}${multi('alternative', 'j', [plain, html])}`), html])}`), html])}`,
  digest: `${head('digest')}${multi('digest', 'd', [part('', inner), part('Content-Type: text/plain', 'not a message'), part('', 'From: x@y\n\nz')])}`,
  'external body': `${head('ext')}${multi('mixed', 'e', [part('Content-Type: message/external-body; access-type=URL;\n URL="http://x/"', 'Content-Type: image/gif\n\n'), part('Content-Type: message/partial; id="a@b"; number=2; total=3', 'piece')])}`,
  'RFC 2231: continued': `${head('r1')}Content-Type: application/x-stuff;\n title*0*=us-ascii'en'This%20is%20even%20more%20;\n title*1*=%2A%2A%2Afun%2A%2A%2A%20;\n title*2="isn't it!"\n\nx\n`,
  'RFC 2231: name and name*': `${head('r2')}Content-Type: application/pdf; name="fallback.pdf"; name*=utf-8''%C4%91.pdf\nContent-Disposition: attachment; filename="f.pdf"; filename*=utf-8'vi'%C4%91.pdf\n\nx\n`,
  'RFC 2231: out of order': `${head('r3')}Content-Type: text/plain; name*1="b.txt"; name*0="a"; charset=utf-8\n\nx\n`,
  'RFC 2231: a gap': `${head('r4')}Content-Type: text/plain; name*0="a"; name*2="c"; name*01="x"\n\nx\n`,
  'RFC 2231: windows-1258': `${head('r5')}Content-Disposition: attachment; filename*=windows-1258''%D0%F2n.doc\nContent-Type: application/msword\n\nx\n`,
  'RFC 2231: broken percent': `${head('r6')}Content-Type: text/plain; name*=utf-8''%zz%4; x*=abc\n\nx\n`,
  'encoded word in a parameter': `${head('r7')}Content-Type: application/pdf; name="=?utf-8?B?xJHGoW4ucGRm?="\n\nx\n`,
  'raw 8-bit in a parameter': `${head('r8')}Content-Type: application/pdf; name="${text('đơn.pdf')}"\n\nx\n`,
  'parameters: odd': `${head('p1')}Content-Type: text/plain; charset = "utf-8" ; ; x; =y; z="a;b\\"c" (comment) ; empty=""; n=a b\n\nx\n`,
  'parameters: no semicolons': `${head('p2')}Content-Type: text/plain charset=utf-8 name=x\n\nx\n`,
  'parameters: never closed': `${head('p3')}Content-Type: text/plain; name="abc\nSubject2: x\n\nx\n`,
  'parameters: twice': `${head('p4')}Content-Type: text/plain; charset=a; charset=b\n\nx\n`,
  'type: none': `${head('t1')}Content-Type:\n\nx\n`,
  'type: only text': `${head('t2')}Content-Type: text\n\nx\n`,
  'type: slash at the end': `${head('t3')}Content-Type: text/\n\nx\n`,
  'type: comment': `${head('t4')}Content-Type: (a) text (b) / (c) html (d); charset=utf-8\n\nx\n`,
  'type: twice': `${head('t5')}Content-Type: text/plain\nContent-Type: text/html\n\nx\n`,
  'type: capitals': `${head('t6')}CONTENT-TYPE: TEXT/HTML; CHARSET=UTF-8\n\nx\n`,
  'type: multipart without boundary': `${head('t7')}Content-Type: multipart/mixed\n\n--x\n\ny\n--x--\n`,
  'type: multipart with an empty boundary': `${head('t8')}Content-Type: multipart/mixed; boundary=""\n\n--\n\ny\n----\n`,
  'type: version without MIME-Version': 'From: a@b\nContent-Type: text/html\n\n<p>\n',
  'boundary: never there': `${head('b1')}Content-Type: multipart/mixed; boundary=x\n\nno parts here\n`,
  'boundary: no end': `${head('b2')}${multi('mixed', 'x', [plain, html], { end: false })}`,
  'boundary: end only': `${head('b3')}Content-Type: multipart/mixed; boundary=x\n\n--x--\n`,
  'boundary: prefix of another': `${head('b4')}${multi('mixed', 'x', [plain, multi('alternative', 'xy', [plain, html])])}`,
  'boundary: outer ends inner': `${head('b5')}${multi('mixed', 'o', [`Content-Type: multipart/alternative; boundary=i\n\n--i\n${plain}`, html])}`,
  'boundary: the same twice': `${head('b6')}${multi('mixed', 's', [multi('alternative', 's', [plain, html]), html])}`,
  'boundary: white space behind': `${head('b7')}Content-Type: multipart/mixed; boundary=w\n\n--w  \t\n\none\n--w\t\n\ntwo\n--w-- \n`,
  'boundary: with spaces and odd signs': `${head('b8')}${multi('mixed', "a b'()+_,-./:=?", [plain, html])}`,
  'boundary: text after on the line': `${head('b9')}Content-Type: multipart/mixed; boundary=t\n\n--tail\n\none\n--t\n\ntwo\n--t--tail\n`,
  'boundary: 70 and more signs': `${head('b10')}${multi('mixed', 'q'.repeat(90), [plain, html])}`,
  'boundary: dashes': `${head('b11')}${multi('mixed', '--', [plain, html])}`,
  'parts: empty': `${head('e1')}Content-Type: multipart/mixed; boundary=e\n\n--e\n--e\n\n--e\n\n\n--e--\n`,
  'parts: headers only': `${head('e2')}Content-Type: multipart/mixed; boundary=e\n\n--e\nContent-Type: text/html\n--e\nContent-Type: text/plain\n\n--e--\n`,
  'parts: preamble and epilogue': `${head('e3')}${multi('mixed', 'e', [plain], { preamble: 'pre\namble\n', epilogue: 'epi\nlogue\n' })}`,
  'body: empty': `${head('e4')}\n`,
  'body: no empty line': head('e5'),
  'body: only': '\nbody\n',
  'one line': 'Subject: x',
  'encoding: unknown': `${head('c1')}Content-Transfer-Encoding: x-uuencode\n\nbegin 644 a\n`,
  'encoding: wrong for multipart': `${head('c2')}Content-Transfer-Encoding: base64\n${multi('mixed', 'c', [plain])}`,
  'encoding: quoted': `${head('c3')}Content-Transfer-Encoding: "base64"\n\neA==\n`,
  'encoding: comment': `${head('c4')}Content-Transfer-Encoding: 7bit (really)\n\nx\n`,
  'encoding: nothing': `${head('c5')}Content-Transfer-Encoding:\n\nx\n`,
  'encoding: broken base64': `${head('c6')}Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\n!!!====\nA\n`,
  'id and description: odd': `${head('i1')}Content-ID: no brackets\nContent-Description: =?utf-8?Q?m=C3=B4?=\n t\nContent-MD5: Q2hlY2s=\nContent-Location: http://x/\n y\nContent-Language: vi,en , fr\n\nx\n`,
  'disposition: odd': `${head('d1')}Content-Disposition: ATTACHMENT; FileName=a b.txt; size=\n\nx\n`,
  'disposition: no value': `${head('d2')}Content-Disposition: ; filename=x\n\nx\n`,
  'disposition: comment': `${head('d3')}Content-Disposition: inline (c); filename="x (y).z"\n\nx\n`,
  'addresses: groups':
    'From: x@y\nTo: A Group:Ed Jones <joe@where.test>,joe@where.test,John <jdoe@one.test>;\nCc: undisclosed-recipients:;, z@z\nBcc: : ;\n\nx\n',
  'addresses: comments':
    'From: (a (nested) comment) Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>\nTo: x@y (Nguyen An), (only comment)\n\nx\n',
  'addresses: quoted': 'From: "Nguyen, An \\"x\\"" <an@b>\nTo: "a b"@c, "a@b"@c, "" <e@f>\n\nx\n',
  'addresses: route': 'From: <@a,@b:c@d>\nTo: X <@a:b@c>\n\nx\n',
  'addresses: broken': 'From: no address\nTo: <>\nCc: a@, @b, a@b@c, <x\nSender: ,,,\nReply-To: ;\n\nx\n',
  'addresses: dots and spaces': 'From: A. B. Nguyen <a . b @ c . d>\nTo: a.@b., .a@.b\n\nx\n',
  'addresses: literal domain': 'From: a@[127.0.0.1]\nTo: b@[IPv6:::1]\n\nx\n',
  'addresses: raw 8-bit': `From: ${text('Nguyễn An')} <an@b>\nTo: ${text('"Hà"')} <h@x>, <${text('hà')}@${text('tỉnh')}.vn>\nSubject: ${text('Thư không mã')}\n\n${text('nội dung')}\n`,
  'addresses: windows-1258 raw':
    'From: \xd0\xf2n <a@b>\nSubject: C\xf4ng v\xe3n\nContent-Type: text/plain; charset=windows-1258\n\nC\xf4ng\n',
  'addresses: folded': 'From:\n a\n @\n b\nTo: A\n\tB <c@d>,\n e@f\n\nx\n',
  'addresses: twice':
    'From: a@b\nFrom: c@d\nTo: e@f\nTo: g@h\nCc: i@j\nCC: k@l\nSubject: one\nSubject: two\nDate: x\nDate: y\nMessage-ID: <1@a>\nMessage-ID: <2@a>\n\nx\n',
  'addresses: a thousand': `From: a@b\nTo: ${Array.from({ length: 1000 }, (_, n) => `u${n}@x.vn`).join(',\n ')}\n\nx\n`,
  'addresses: semicolons as in Outlook': 'From: a@b\nTo: a@b; c@d\n\nx\n',
  'subject: encoded words': `From: a@b\nSubject: =?utf-8?B?xJA=?= =?utf-8?Q?=C6=A1n?=\n =?windows-1258?Q?=D0?=\n\nx\n`,
  'subject: empty and folded': 'From: a@b\nSubject:\n\t\nDate:\n\nx\n',
  'subject: tabs and blanks': 'From: a@b\nSubject:   a\t b  \n   c   \n\nx\n',
  'subject: very long': `From: a@b\nSubject: ${'dai '.repeat(3000)}\n\nx\n`,
  'subject: quotes and backslashes': 'From: a@b\nSubject: "a" \\b\\ {3}\n\nx\n',
  'header: blank before the colon': 'From : a@b\nSubject\t: x\nTo :c@d\n\nx\n',
  'header: no colon': 'From: a@b\nthis is no field\nSubject: x\n\nx\n',
  'header: starts with a blank': ' continued\nFrom: a@b\nSubject: x\n\nx\n',
  'header: mbox line': 'From a@b Mon Nov 23 08:00:00 2026\nFrom: a@b\nSubject: x\n\nFrom here\n',
  'header: 3,000 fields': `From: a@b\n${'X-A: b\n'.repeat(3000)}Subject: x\n\nx\n`,
  'header: line of blanks ends nothing': 'From: a@b\n  \nSubject: x\n\nx\n',
  'date and ids: odd': 'From: a@b\nDate: yesterday\nMessage-ID: no brackets\nIn-Reply-To: <a@b> (c) <d@e>\n\nx\n',
  'lines of 5,000': `From: a@b\n\n${'z'.repeat(5000)}\n${'y'.repeat(998)}\n`,
  'dots and From': 'From: a@b\n\n.\n..\nFrom x\n>From y\n',
  'no line end at the end': 'From: a@b\nSubject: x\n\nlast line',
  'part without line end at the end': `${head('n1')}Content-Type: multipart/mixed; boundary=n\n\n--n\n\nlast line`,
  'rfc822 with empty body': `${head('n2')}Content-Type: message/rfc822\n\n`,
  'rfc822 in base64': `${head('n3')}${multi('mixed', 'n', [part('Content-Type: message/rfc822\nContent-Transfer-Encoding: base64', b64('From: a@b\n\nx\n'))])}`,
  'rfc822: header only': `${head('n4')}${multi('mixed', 'n', [part('Content-Type: message/rfc822', 'From: a@b\nSubject: x')])}`,
  'nesting of 30':
    Array.from({ length: 30 }, (_, n) => `Content-Type: multipart/mixed; boundary=n${n}\n\n--n${n}\n`).join('') +
    '\ndeep\n',
  '200 parts': `${head('many')}${multi(
    'mixed',
    'm',
    Array.from({ length: 200 }, (_, n) => part('', String(n))),
  )}`,
}

const crlf = (raw: string) => Buffer.from(raw.replaceAll(/\r?\n/g, '\r\n'), 'latin1')
export const written: readonly Letter[] = Object.entries(forms).map(([name, raw]) => ({ name, raw: crlf(raw) }))
