import HTTPTypes
import Hummingbird
import HummingbirdCore
import ParkSyncWire

/// The routes of the local API for whole files.
struct LocalTransferRoutes: Sendable {
    let transfers: any TransferServing

    func add(to router: NodeRouter) {
        router.answer(WirePath.backups, .post) { request, _ in
            var request = request
            let body = try await JSONBody.collect(&request, limitBytes: WireLimits.localRequestBytesMax)
            guard body.readableBytes == 0 else { throw Problems.invalid("body: must be empty") }
            return try JSONBody.response(try await transfers.makeBackup())
        }
        router.answer(
            "\(WirePath.copies)/:id",
            [
                (
                    .get,
                    { request, context in
                        let offset = try FileAnswer.offset(request)
                        return try await FileAnswer.response(
                            try await transfers.copy(context.parameters.get("id") ?? ""), offset: offset, context)
                    }
                ),
                (
                    .delete,
                    { _, context in
                        await transfers.dropCopy(context.parameters.get("id") ?? "")
                        return Response(status: .noContent)
                    }
                ),
            ])
    }
}
