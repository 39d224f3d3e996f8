-- SPDX-License-Identifier: GPL-2.0-or-later
--
-- What the credential service needs beside Kamailio's own subscriber table: HA1s for the algorithms of RFC 8760, and
-- what may be said about a subscriber. The same statements serve SQLite and PostgreSQL. Every column may stay
-- NULL, and no existing column changes: auth_db, kamctl and the like go on as before.
--
-- An HA1 is H(username:realm:password) in hex, and as good as the password: guard the table accordingly.

ALTER TABLE subscriber ADD COLUMN ha1_sha256 VARCHAR(64);
ALTER TABLE subscriber ADD COLUMN ha1_sha512_256 VARCHAR(64);

-- active (the same as NULL) or suspended
ALTER TABLE subscriber ADD COLUMN status VARCHAR(16);

-- a JSON array of the URIs that the subscriber may use as From: ["sip:alice@example.org","tel:+358501234567"]
ALTER TABLE subscriber ADD COLUMN identities TEXT;

-- the name of a policy of the secmgr module
ALTER TABLE subscriber ADD COLUMN policy VARCHAR(64);

-- a JSON object with whatever the proxy's script wants to know: $secmgr(attr=>/json/pointer)
ALTER TABLE subscriber ADD COLUMN attributes TEXT;
