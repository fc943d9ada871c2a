import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;

/**
 * A driver for myinfo-conformance: JSON lines on standard input and output (docs/driver-protocol.md). Java 11 or newer.
 *
 * <pre>myinfo-conformance --stdio 'java -cp my-connector.jar Driver.java'</pre>
 *
 * It runs as it is: what it cannot do yet is to exchange the code. "your connector:" marks where your code is called.
 * Whatever is printed besides answers is a log. Never log the setup: it holds the client secret and the private key.
 */
public final class Driver {
    private Map<String, Object> setup; // your connector: keep it here, too
    private final Map<String, String> sessions = new HashMap<>(); // the state in the web session of each browser
    private final SecureRandom random = new SecureRandom();
    private long begun;

    public static void main(String[] arguments) throws Exception {
        Driver driver = new Driver();
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            Map<String, Object> message = object(new Json(line).read());
            Map<String, Object> answer = driver.answer(message);
            answer.put("id", message.get("id"));
            out.print("@mdp " + Json.write(answer) + "\n");
            out.flush();
            if ("bye".equals(message.get("type"))) {
                break;
            }
        }
        System.exit(0);
    }

    private Map<String, Object> answer(Map<String, Object> message) {
        switch (text(message, "type")) {
            case "hello": return hello((List<?>) message.get("versions"));
            case "configure": return configure(object(message.get("setup")));
            case "start": return start();
            case "callback": return callback(text(message, "session"), text(message, "url"));
            case "reset": return reset();
            case "bye": return members();
            default: return members("unsupported", true);
        }
    }

    private static Map<String, Object> hello(List<?> versions) {
        if (!versions.contains(BigDecimal.ONE)) {
            return members("unsupported", true);
        }
        return members(
            "version", 1,
            // your connector: its name and version, what it can, and which keys it reads, the most usual format first
            "name", "my-connector",
            "connector_version", "0.1.0",
            "language", "Java",
            // what it speaks, one or several: v3, fapi (Singpass FAPI 2.0: Myinfo v5 and Login), oidc (the API before FAPI)
            "profiles", List.of("v3"),
            // claim only what it can: gov, sandbox, txn_no, redirect_query, two_keys with v3; two_enc_keys, acr with fapi; custom_ca,
            // timeout with v3 and fapi; login_app, claims with fapi and oidc; person with all
            "capabilities", List.of("gov", "redirect_query"),
            // pkcs8, pkcs8-encrypted, pkcs1, p12, jwk
            "key_formats", List.of("pkcs8"));
    }

    private Map<String, Object> configure(Map<String, Object> given) {
        reset();
        setup = null;
        try {
            // your connector: make it anew from the setup: addresses, client, private key, certificates, issuer
            setup = given;
            return members("result", "ok");
        } catch (RuntimeException error) {
            return members("result", "config_error", "message", error.toString());
        }
    }

    private Map<String, Object> start() {
        if (setup == null) {
            return members("result", "error", "message", "not configured");
        }
        if ("fapi".equals(setup.get("profile"))) {
            return startFapi();
        }
        if ("oidc".equals(setup.get("profile"))) {
            return startOidc();
        }
        // your connector: let it build the address, and keep what it wants to have kept in the browser's session
        byte[] bytes = new byte[16];
        random.nextBytes(bytes);
        StringBuilder state = new StringBuilder();
        for (byte one : bytes) {
            state.append(String.format("%02x", one));
        }
        StringJoiner attributes = new StringJoiner(",");
        for (Object attribute : (List<?>) setup.get("attributes")) {
            attributes.add((String) attribute);
        }
        StringJoiner query = new StringJoiner("&", text(setup, "authorise_url") + "?", "");
        query.add("client_id=" + encoded(text(setup, "client_id")));
        query.add("attributes=" + encoded(attributes.toString()));
        query.add("purpose=" + encoded(text(setup, "purpose")));
        query.add("state=" + state);
        query.add("redirect_uri=" + encoded(text(setup, "redirect_uri")));
        query.add("response_type=code");
        if (setup.get("esvc_id") != null) {
            query.add("sp_esvcId=" + encoded(text(setup, "esvc_id")));
        }
        begun += 1;
        String session = "s" + begun;
        sessions.put(session, state.toString());
        return members("result", "url", "url", query.toString(), "session", session);
    }

    private static Map<String, Object> startFapi() {
        // your connector: let it read the discovery document and push its request (PAR), with the keys of private_jwks; keep state, nonce,
        // verifier and the key of its proofs in the browser's session, and give back the address of the authorization endpoint. What the
        // server refuses here is an error, too, with the class that fits: pushed_request, upstream, malformed …
        return notBegun();
    }

    private static Map<String, Object> startOidc() {
        // your connector: let it read the discovery document, and give back the address of its authorization endpoint with scopes, nonce,
        // state and code_challenge; keep state, nonce and verifier in the browser's session. A document that cannot be used is an error, too,
        // with the class that fits: upstream, malformed …
        return notBegun();
    }

    private Map<String, Object> callback(String session, String url) {
        // taken out: a login is finished once, whatever comes of it
        String state = sessions.remove(session);
        if (state == null) {
            return rejected("state", "no login is under way in this session", "");
        }
        try {
            return finish(state, url);
        // your connector: a clause for each of its errors, with the class that fits, for example
        // } catch (SignatureException error) {
        //     return rejected("signature", error.getMessage(), "SignatureException");
        } catch (Exception | StackOverflowError | AssertionError error) {
            return members("outcome", "crash", "message", error.toString());
        }
    }

    private Map<String, Object> finish(String state, String url) throws Exception {
        // your connector: if it checks the state itself, hand it the state and the address instead
        List<String> states = new ArrayList<>();
        for (String pair : url.substring(url.indexOf('?') + 1).split("&")) {
            if (pair.startsWith("state=")) {
                states.add(decoded(pair.substring("state=".length())));
            }
        }
        if (!states.equals(List.of(state))) {
            return rejected("state", "the state is not that of this session", "");
        }
        // your connector: let it read error and code, exchange the code and fetch the person; then
        // return members("outcome", "accepted", "person", new Json(text).read()); with fapi and oidc also "claims", those of the ID token
        return rejected("other", "not connected yet", "");
    }

    private Map<String, Object> reset() {
        // your connector: drop its caches, too, and keep its configuration
        sessions.clear();
        return members();
    }

    private static Map<String, Object> notBegun() {
        return members("result", "error", "class", "other", "native", "", "message", "not connected yet");
    }

    private static Map<String, Object> rejected(String kind, String message, String nativeName) {
        return members("outcome", "rejected", "class", kind, "native", nativeName, "message", message);
    }

    private static Map<String, Object> members(Object... namesAndValues) {
        Map<String, Object> members = new LinkedHashMap<>();
        for (int place = 0; place < namesAndValues.length; place += 2) {
            members.put((String) namesAndValues[place], namesAndValues[place + 1]);
        }
        return members;
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> object(Object value) {
        return (Map<String, Object>) value;
    }

    private static String text(Map<String, Object> members, String name) {
        return (String) members.get(name);
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    /** Empty where an escape is broken: no state is. */
    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException broken) {
            return "";
        }
    }

    /** Just enough JSON: objects are maps, lists are lists, numbers are BigDecimal, so that no digit is lost. */
    private static final class Json {
        private final String text;
        private int place;

        Json(String text) {
            this.text = text;
        }

        Object read() {
            char first = next();
            switch (first) {
                case '{': return readObject();
                case '[': return readList();
                case '"': return readText();
                case 't': return word("true", true);
                case 'f': return word("false", false);
                case 'n': return word("null", null);
                default: return readNumber();
            }
        }

        private Object readObject() {
            Map<String, Object> members = new LinkedHashMap<>();
            for (char mark = after('{'); mark != '}'; mark = next()) {
                if (mark == ',') {
                    after(',');
                }
                String name = readText();
                next();
                after(':');
                members.put(name, read());
            }
            place += 1;
            return members;
        }

        private Object readList() {
            List<Object> items = new ArrayList<>();
            for (char mark = after('['); mark != ']'; mark = next()) {
                if (mark == ',') {
                    after(',');
                }
                items.add(read());
            }
            place += 1;
            return items;
        }

        private String readText() {
            StringBuilder read = new StringBuilder();
            expect('"');
            while (text.charAt(place) != '"') {
                char one = text.charAt(place++);
                read.append(one == '\\' ? escaped(text.charAt(place++)) : one);
            }
            place += 1;
            return read.toString();
        }

        private char escaped(char letter) {
            switch (letter) {
                case 'b': return '\b';
                case 'f': return '\f';
                case 'n': return '\n';
                case 'r': return '\r';
                case 't': return '\t';
                case 'u':
                    place += 4;
                    return (char) Integer.parseInt(text.substring(place - 4, place), 16);
                default: return letter;
            }
        }

        private Object readNumber() {
            int start = place;
            while (place < text.length() && "+-.eE0123456789".indexOf(text.charAt(place)) >= 0) {
                place += 1;
            }
            return new BigDecimal(text.substring(start, place));
        }

        private Object word(String word, Object value) {
            if (!text.startsWith(word, place)) {
                throw new IllegalArgumentException("no JSON at " + place);
            }
            place += word.length();
            return value;
        }

        /** The next character that is no white space; it stays where it is. */
        private char next() {
            while (Character.isWhitespace(text.charAt(place))) {
                place += 1;
            }
            return text.charAt(place);
        }

        /** The same behind a mark. */
        private char after(char mark) {
            expect(mark);
            return next();
        }

        private void expect(char mark) {
            if (text.charAt(place) != mark) {
                throw new IllegalArgumentException("no JSON at " + place + ": no " + mark);
            }
            place += 1;
        }

        static String write(Object value) {
            if (value instanceof Map) {
                StringJoiner members = new StringJoiner(",", "{", "}");
                ((Map<?, ?>) value).forEach((name, item) -> members.add(quoted((String) name) + ":" + write(item)));
                return members.toString();
            }
            if (value instanceof List) {
                StringJoiner items = new StringJoiner(",", "[", "]");
                ((List<?>) value).forEach(item -> items.add(write(item)));
                return items.toString();
            }
            return value instanceof String ? quoted((String) value) : String.valueOf(value);
        }

        private static String quoted(String text) {
            StringBuilder quoted = new StringBuilder("\"");
            for (char one : text.toCharArray()) {
                if (one == '"' || one == '\\') {
                    quoted.append('\\').append(one);
                } else if (one < ' ' || one > '~') {
                    quoted.append(String.format("\\u%04x", (int) one));
                } else {
                    quoted.append(one);
                }
            }
            return quoted.append('"').toString();
        }
    }
}
