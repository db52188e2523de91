using System.Diagnostics.Metrics;

namespace IoFog.Operator.Watcher;

/// <summary>Counts the requests of this process as client-go does: those to the API server, the Controller and the storage account.</summary>
internal static class Requests
{
    private const string Instrument = "http.client.request.duration";

    /// <summary>Counts for as long as the listener lives.</summary>
    public static MeterListener Count()
    {
        var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument.Name == Instrument)
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<double>(static (_, _, tags, _) => Count(tags));
        listener.Start();
        return listener;
    }

    private static void Count(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var (code, method, host, port) = ("<error>", "", "", "");
        foreach (var (name, value) in tags)
        {
            switch (name)
            {
                case "http.response.status_code":
                    code = $"{value}";
                    break;
                case "http.request.method":
                    method = $"{value}";
                    break;
                case "server.address":
                    host = $"{value}";
                    break;
                case "server.port":
                    port = $":{value}";
                    break;
            }
        }

        Metrics.Requests.WithLabels(code, method, host + port).Inc();
    }
}
