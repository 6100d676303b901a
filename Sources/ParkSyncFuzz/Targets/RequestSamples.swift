import ParkSyncReports

/// Requests of the local API that are in order: at least one for each route that takes parameters
/// or a body.
enum RequestSamples {
    /// Of those with header fields.
    static let token = LocalToken(name: "desk", secret: String(repeating: "t0K.", count: 11))
    private static let shown = "\nauthorization:Bearer \(token.secret)"

    static let urls: [[UInt8]] = [
        "GET /v1/blame?table=lab&key=%5B%22south:lab:1%22,7,%7B%22blob%22:%22AP8=%22%7D%5D",
        "GET /v1/log?origin=south~2&after=1099511627775&limit=20&changes=1",
        "GET /v1/conflicts?limit=10000&all=1",
        "GET /v1/forks?limit=1",
        "GET /v1/refused?limit=7",
        "GET /v1/changes?after=airport:12+south:40&tables=lab,note\nlast-event-id:west:1" + shown,
        "GET /v1/changes?after=south%3A1\nhost:[::1]:7600\norigin:http://localhost:7600\nsec-fetch-site:same-origin"
            + shown,
        "GET /v1/status",
        "GET /readyz",
        "GET /metrics\nhost:127.0.0.1" + shown,
        "DELETE /v1/copies/0f?kept=1",
        "GET /v1/copies/0f?offset=4096",
        "PUT /v1/imports/7b?offset=16777216",
        "POST /v1/imports/7b",
        "GET /v1/snapshot",
        "POST /v1/verify",
        "POST /v1/backups",
    ].map { Array($0.utf8) }

    static let bodies: [[UInt8]] = [
        "POST /v1/transactions\n\n"
            + #"{"statements":[{"sql":"INSERT INTO lab VALUES(?1,?2,?3)","#
            + #""parameters":["a",-9007199254740993,{"real":"-0.0"}]},"#
            + #"{"sql":"SELECT 1"}],"#
            + #""author":"李伟","note":"\u0000\ud83d\ude00","timeout_ms":600000}"#,
        "POST /v1/queries\n\n"
            + #"{"sql":"SELECT * FROM lab WHERE id = ?1","parameters":[null,true,1.5,{"blob":"AP8="},"#
            + #"{"text":"/w=="}],"timeout_ms":1}"#,
        "POST /v1/queries\ncontent-type: application/json; charset=utf-8\ncontent-length:18" + shown + "\n\n"
            + #"{"sql":"SELECT 1"}"#,
        "POST /v1/confirmations\n\n" + #"{"ids":["00ff","1"],"author":"a","note":"b"}"#,
        "POST /v1/verify/rows\n\n" + #"{"tables":["lab","note"]}"#,
        "POST /v1/repairs\n\n"
            + #"{"table":"lab","keys":[["a"],[1,{"blob":""}]],"way":"from-log","author":"a","note":"n"}"#,
        "POST /v1/repairs\n\n" + #"{"table":"lab","way":"publish"}"#,
        "POST /v1/refused/drops\n\n" + #"{"ids":[1,9223372036854775807]}"#,
        "POST /v1/refused/drops\n\n" + #"{"all":true}"#,
        "POST /v1/accept-writes\n\n" + #"{"reason":"west is being rebuilt"}"#,
        "PUT /v1/links/bio-city\n\n" + #"{"paused":true}"#,
        "POST /v1/compact\n\n" + #"{"archive":true,"vacuum":false}"#,
        "POST /v1/fences\n\n" + #"{"park":"west","lift":true}"#,
        "POST /v1/reissue\n\n" + #"{"reason":"the clock was wrong","author":"li.wei"}"#,
        "POST /v1/bundles\n\n" + #"{"to":"south","since":"west:3"}"#,
        "POST /v1/snapshot\n\n" + #"{"from":"west"}"#,
        "PUT /v1/imports/7b?offset=0\n\nPSB1",
    ].map { Array($0.utf8) }
}
