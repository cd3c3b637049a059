import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.openfeature.contrib.providers.ofrep.OfrepProvider;
import dev.openfeature.contrib.providers.ofrep.OfrepProviderOptions;
import dev.openfeature.sdk.Client;
import dev.openfeature.sdk.FlagEvaluationDetails;
import dev.openfeature.sdk.MutableContext;
import dev.openfeature.sdk.OpenFeatureAPI;
import dev.openfeature.sdk.Structure;
import dev.openfeature.sdk.Value;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.LinkedHashMap;
import java.util.Map;

/** One evaluation after another, as lines of JSON in and out, by the stock Java provider: java -cp … Ofrep.java BASE_URL HEADER VALUE. */
class Ofrep {
    static final ObjectMapper JSON = new ObjectMapper();

    public static void main(String[] args) throws Exception {
        var headers = ImmutableMap.of(args[1], ImmutableList.of(args[2]));
        var options = OfrepProviderOptions.builder().baseUrl(args[0]).headers(headers).build();
        OpenFeatureAPI.getInstance().setProviderAndWait(OfrepProvider.constructProvider(options));
        Client client = OpenFeatureAPI.getInstance().getClient();
        var lines = new BufferedReader(new InputStreamReader(System.in));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            System.out.println(JSON.writeValueAsString(answer(client, JSON.readTree(line))));
        }
        OpenFeatureAPI.getInstance().shutdown();
        System.exit(0);
    }

    static Map<String, Object> answer(Client client, JsonNode asked) {
        var context = new MutableContext();
        if (asked.has("targetingKey")) context.setTargetingKey(asked.get("targetingKey").asText());
        asked.path("attributes").fields().forEachRemaining(entry -> {
            if (entry.getValue().isNumber()) context.add(entry.getKey(), entry.getValue().asInt());
            else context.add(entry.getKey(), entry.getValue().asText());
        });
        String flag = asked.get("flag").asText();
        JsonNode otherwise = asked.get("default");
        FlagEvaluationDetails<?> details = switch (asked.get("type").asText()) {
            case "boolean" -> client.getBooleanDetails(flag, otherwise.asBoolean(), context);
            case "integer" -> client.getIntegerDetails(flag, otherwise.asInt(), context);
            case "object" -> client.getObjectDetails(flag, new Value(), context);
            default -> client.getStringDetails(flag, otherwise.asText(), context);
        };
        var told = new LinkedHashMap<String, Object>();
        told.put("value", plain(details.getValue()));
        told.put("reason", details.getReason());
        told.put("variant", details.getVariant());
        told.put("errorMessage", details.getErrorMessage());
        told.put("errorCode", details.getErrorCode() == null ? null : details.getErrorCode().name());
        return told;
    }

    /** A structure as the map that it is. */
    static Object plain(Object value) {
        if (!(value instanceof Value held)) return value;
        Structure structure = held.asStructure();
        return structure == null ? held.asObject() : structure.asObjectMap();
    }
}
