using System.Reflection;

namespace Provisioner.Tests.Architecture;

/// <summary>Which types of an assembly use which: in signatures, fields, attributes' places and method bodies.</summary>
internal static class TypeDependencies
{
    private const BindingFlags Everything =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    /// <summary>All uses of a type of the same assembly, generic arguments included.</summary>
    public static IEnumerable<(Type User, Type Used)> Within(Assembly assembly) =>
        from user in assembly.GetTypes()
        from used in Direct(user).SelectMany(Parts).Where(used => used.Assembly == assembly).Distinct()
        select (user, used);

    private static IEnumerable<Type> Direct(Type type)
    {
        var fields = type.GetFields(Everything).Select(field => field.FieldType);
        var methods = type.GetMethods(Everything).Cast<MethodBase>().Concat(type.GetConstructors(Everything));
        return [.. type.GetInterfaces(), .. type.BaseType is { } parent ? [parent] : Type.EmptyTypes, .. fields, .. methods.SelectMany(Used)];
    }

    private static IEnumerable<Type> Used(MethodBase method)
    {
        List<Type> types = [.. method.GetParameters().Select(parameter => parameter.ParameterType)];
        if (method is MethodInfo { ReturnType: var returned })
        {
            types.Add(returned);
        }

        if (method.GetMethodBody() is { } body)
        {
            types.AddRange(body.LocalVariables.Select(local => local.LocalType));
            types.AddRange(MethodBodyTokens.Of(body).SelectMany(token => Resolve(method, token)));
        }

        return types;
    }

    private static IEnumerable<Type> Resolve(MethodBase method, int token)
    {
        var ofType = method.DeclaringType is { IsGenericType: true } type ? type.GetGenericArguments() : null;
        var ofMethod = method.IsGenericMethod ? method.GetGenericArguments() : null;
        return method.Module.ResolveMember(token, ofType, ofMethod) switch
        {
            Type used => [used],
            MethodInfo { IsGenericMethod: true } used => [used.DeclaringType!, .. used.GetGenericArguments()],
            { DeclaringType: { } used } => [used],
            _ => [],
        };
    }

    private static IEnumerable<Type> Parts(Type type) =>
        type.HasElementType ? Parts(type.GetElementType()!)
        : type.IsGenericType ? type.GetGenericArguments().SelectMany(Parts).Append(type.GetGenericTypeDefinition())
        : [type];
}
